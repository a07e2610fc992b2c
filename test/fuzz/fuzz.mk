# libFuzzer targets for everything that decodes foreign bytes: every test/fuzz/fuzz_*.c.
# "make fuzz" runs each for FUZZ_SECONDS from the golden vectors on, and keeps what it finds in
# build/fuzz/corpus; then the same inputs go through the replay programs, which any compiler builds.
#
#   make fuzz FUZZ_SECONDS=600                         longer
#   make fuzz FUZZ_TARGETS=cell                        one target
#   build/fuzz/replay_cell build/fuzz/crash-cell-...   look at a crash again

FUZZ_SECONDS ?= 5
FUZZ_CLANG ?= clang-14
FUZZ_REPLAY_CC ?= gcc
FUZZ_FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -g -Wall -Wextra -Werror \
	-fno-sanitize-recover=all -fno-omit-frame-pointer -Isrc -Itest/unit -Itest/fuzz -MMD -MP

FUZZ_SOURCES := $(sort $(foreach d,core crypto zkp,$(wildcard src/$(d)/*.c)))
FUZZ_TARGETS := $(sort $(patsubst test/fuzz/fuzz_%.c,%,$(wildcard test/fuzz/fuzz_*.c)))

.PHONY: fuzz $(FUZZ_TARGETS:%=run-fuzz-%)
fuzz: $(FUZZ_TARGETS:%=run-fuzz-%)

$(FUZZ_TARGETS:%=run-fuzz-%): run-fuzz-%: build/fuzz/fuzz_% build/fuzz/replay_% build/fuzz/seeded
	@mkdir -p build/fuzz/corpus/$*
	@if build/fuzz/fuzz_$* -max_total_time=$(FUZZ_SECONDS) -max_len=70000 -timeout=10 -print_final_stats=1 \
		-artifact_prefix=build/fuzz/crash-$*- build/fuzz/corpus/$* build/fuzz/seeds/$* \
		> build/fuzz/$*.log 2>&1 && \
		find build/fuzz/corpus/$* build/fuzz/seeds/$* -type f | xargs build/fuzz/replay_$* \
		> build/fuzz/replay_$*.log 2>&1; then \
		echo "fuzz $*: $$(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz/$*.log) inputs, 0 failed"; \
	else \
		tail -n 40 build/fuzz/$*.log build/fuzz/replay_$*.log 2>/dev/null; \
		echo "fuzz $*: failed, see build/fuzz/$*.log"; exit 1; \
	fi

build/fuzz/seeded: build/fuzz/make_seeds $(wildcard test/vectors/*.vec)
	rm -rf build/fuzz/seeds
	build/fuzz/make_seeds test/vectors build/fuzz/seeds
	@touch $@

build/fuzz/clang/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined -c -o $@ $<

build/fuzz/replay/%.o: %.c
	@mkdir -p $(@D)
	$(FUZZ_REPLAY_CC) $(FUZZ_FLAGS) -fsanitize=address,undefined -c -o $@ $<

$(FUZZ_TARGETS:%=build/fuzz/fuzz_%): build/fuzz/fuzz_%: build/fuzz/clang/test/fuzz/fuzz_%.o \
		$(FUZZ_SOURCES:%.c=build/fuzz/clang/%.o)
	$(FUZZ_CLANG) -fsanitize=fuzzer,address,undefined -o $@ $^ -lcrypto

$(FUZZ_TARGETS:%=build/fuzz/replay_%): build/fuzz/replay_%: build/fuzz/replay/test/fuzz/fuzz_%.o \
		build/fuzz/replay/test/fuzz/replay.o $(FUZZ_SOURCES:%.c=build/fuzz/replay/%.o)
	$(FUZZ_REPLAY_CC) -fsanitize=address,undefined -o $@ $^ -lcrypto

build/fuzz/make_seeds: build/fuzz/replay/test/fuzz/seeds.o
	$(FUZZ_REPLAY_CC) -fsanitize=address,undefined -o $@ $^

-include $(wildcard build/fuzz/*/*/*/*.d)
