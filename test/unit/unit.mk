# The pure C parts without a server: every test/unit/test_*.c, built by gcc and by clang with
# ASan and UBSan. "make unit" runs all of them and prints one line for each program.
#
# test/unit/ctime_*.c are built as the extension is and run under valgrind, which finds branches and
# addresses that depend on a secret. valgrind 3.19 does not read the debugging format of clang 14.

UNIT_GCC ?= gcc
UNIT_CLANG ?= clang-14
UNIT_FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -O1 -g -Wall -Wextra -Werror \
	-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-Isrc -Itest/unit -MMD -MP

PURE_SOURCES := $(sort $(foreach d,core crypto zkp consensus,$(wildcard src/$(d)/*.c)))
UNIT_TESTS := $(sort $(basename $(notdir $(wildcard test/unit/test_*.c))))
UNIT_PROGRAMS := $(foreach c,gcc clang,$(addprefix build/unit/$(c)/,$(UNIT_TESTS)))
CTIME_FLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -O2 -gdwarf-4 -Wall -Wextra -Werror \
	$(CURVE_CFLAGS) -Isrc -Itest/unit -MMD -MP
CTIME_TESTS := $(sort $(basename $(notdir $(wildcard test/unit/ctime_*.c))))
CTIME_PROGRAMS := $(foreach c,gcc clang,$(addprefix build/unit/ctime-$(c)/,$(CTIME_TESTS)))
VALGRIND = valgrind -q

.PHONY: unit $(UNIT_PROGRAMS:%=run-%) $(CTIME_PROGRAMS:%=run-%)
unit: $(UNIT_PROGRAMS:%=run-%) $(CTIME_PROGRAMS:%=run-%)

# The summary is the last line, the failures stand before it.
$(CTIME_PROGRAMS:%=run-%): RUN = $(VALGRIND)
$(UNIT_PROGRAMS:%=run-%) $(CTIME_PROGRAMS:%=run-%): run-%: %
	@if $(RUN) $< > $<.tap 2>$<.err && tail -n 1 $<.tap | grep -q '^1\.\.[1-9]'; then \
		echo "$(patsubst build/unit/%,%,$<): $$(grep -c '^ok' $<.tap) passed, 0 failed"; \
	else \
		grep -v '^ok' $<.tap; cat $<.err; \
		echo "$(patsubst build/unit/%,%,$<): failed, see $<.tap"; exit 1; \
	fi

define unit_compiler
build/unit/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$(2) $$($(3)_FLAGS) -c -o $$@ $$<

build/unit/$(1)/libpure.a: $$(PURE_SOURCES:%.c=build/unit/$(1)/%.o)
	@rm -f $$@
	ar rcs $$@ $$^

$(addprefix build/unit/$(1)/,$($(3)_TESTS)): build/unit/$(1)/%: build/unit/$(1)/test/unit/%.o build/unit/$(1)/libpure.a
	$(2) $$($(3)_FLAGS) -o $$@ $$^ -lcrypto
endef

$(eval $(call unit_compiler,gcc,$(UNIT_GCC),UNIT))
$(eval $(call unit_compiler,clang,$(UNIT_CLANG),UNIT))
$(eval $(call unit_compiler,ctime-gcc,$(UNIT_GCC),CTIME))
$(eval $(call unit_compiler,ctime-clang,$(UNIT_CLANG),CTIME))

-include $(wildcard build/unit/*/*/*/*.d)
