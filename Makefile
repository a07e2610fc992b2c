# ledger: append-only, hash-chained tables for PostgreSQL
#
#   make demo      install what is missing, build, show the main job in a throwaway server
#   make check     the same, then every test
#
#   make           build ledger.so and the programs in src/tools against $(PG_CONFIG)
#   make install   as for every extension; make installcheck runs test/sql and test/specs
#                  in a running server that has shared_preload_libraries = 'ledger'
#   make lint | format | bench [BENCH=group] | soak
#   make unit | fuzz    the pure C parts without a server
#
# docs/contributing.md says what each of them does.

# These run scripts, which call make again where they need it. PGXS is not
# there yet on a machine without the packages, and has a "check" of its own.
SCRIPT_GOALS = demo check lint format bench soak
SCRIPT_GOALS_ASKED = $(filter $(SCRIPT_GOALS),$(MAKECMDGOALS))

ifneq ($(SCRIPT_GOALS_ASKED),)

ifneq ($(filter-out $(SCRIPT_GOALS),$(MAKECMDGOALS)),)
$(error "$(SCRIPT_GOALS_ASKED)" cannot be mixed with other goals)
endif

.PHONY: $(SCRIPT_GOALS)
.NOTPARALLEL:
$(SCRIPT_GOALS):
	@bash test/run/$@.sh

else

PG_CONFIG = pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs 2>/dev/null)
ifeq ($(wildcard $(PGXS)),)
$(error $(PG_CONFIG) of postgresql-server-dev-15 not found: "make demo" installs it)
endif

EXTENSION = ledger
MODULE_big = ledger
PGFILEDESC = "ledger - append-only, hash-chained tables"
DATA = $(sort $(wildcard sql/ledger--*.sql))
OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/*.c) \
	$(foreach d,core crypto storage chain guard network api,$(wildcard src/$(d)/*.c))))

PG_CPPFLAGS = -Isrc
PG_CFLAGS = -std=gnu11 -Wextra -Wno-unused-parameter -Wno-missing-field-initializers \
	-fvisibility=hidden -MMD -MP
# The server was configured for gcc; clang is told to overlook that.
ifneq ($(findstring clang,$(CC)),)
PG_CFLAGS += -Wno-ignored-optimization-argument -Wno-unknown-warning-option -Wno-ignored-attributes
endif
SHLIB_LINK = -lcrypto

REGRESS = $(sort $(basename $(notdir $(wildcard test/sql/*.sql))))
REGRESS_OPTS = --inputdir=test
# the tests connect to it by name
override CONTRIB_TESTDB = regress_ledger
ISOLATION = $(sort $(basename $(notdir $(wildcard test/specs/*.spec))))
ISOLATION_OPTS = --inputdir=test --outputdir=.

EXTRA_CLEAN = $(OBJS:.o=.d) build

# Nothing here is ever inlined into a query, so bitcode would only double the build.
override with_llvm = no

include $(PGXS)

# Vector registers only delay carries: gcc 12 halves the speed of this arithmetic with them.
CURVE_CFLAGS = -fno-tree-vectorize -fno-tree-slp-vectorize -fomit-frame-pointer
src/crypto/curve_%.o src/crypto/scalar.o: override CFLAGS += $(CURVE_CFLAGS)

-include $(OBJS:.o=.d)
-include test/unit/unit.mk
-include test/fuzz/fuzz.mk
-include src/tools/tools.mk

endif
