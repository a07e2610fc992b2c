# The client programs: they link core and crypto, not the server.

TOOLS = src/tools/ledger_verify
TOOLS_OBJS = $(patsubst %.c,%.o,$(sort $(wildcard src/tools/*.c)))
PURE_OBJS = $(filter src/core/%.o src/crypto/%.o,$(OBJS))

# The version is that of the extension.
src/tools/ledger_verify.o: override CPPFLAGS += \
	-DLEDGER_VERSION='"$(shell sed -n "s/^default_version = '\(.*\)'/\1/p" ledger.control)"'
src/tools/ledger_verify.o: ledger.control

.PHONY: tools install-tools uninstall-tools clean-tools
tools: $(TOOLS)
all: tools

src/tools/ledger_verify: $(TOOLS_OBJS) $(PURE_OBJS)
	$(CC) $(CFLAGS) $^ $(LDFLAGS) -lcrypto -o $@

install: install-tools
install-tools: $(TOOLS)
	$(MKDIR_P) '$(DESTDIR)$(bindir)'
	$(INSTALL_PROGRAM) $(TOOLS) '$(DESTDIR)$(bindir)'

uninstall: uninstall-tools
uninstall-tools:
	rm -f $(addprefix '$(DESTDIR)$(bindir)'/,$(notdir $(TOOLS)))

clean: clean-tools
clean-tools:
	rm -f $(TOOLS) $(TOOLS_OBJS) $(TOOLS_OBJS:.o=.d)

-include $(TOOLS_OBJS:.o=.d)
