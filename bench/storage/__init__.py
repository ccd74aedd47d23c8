"""What operations cost on LVM and LIO, beside the bare commands that do the same: `lvcreate`, rtslib, `lvremove`.

It needs a kernel of its own: `make bench-storage` runs it in a guest. Bare commands and services take turns within one
run, so that what else the machine does meanwhile meets all of them alike. The guest counts CPU in hundredths of a
second, by looking who has the processor then: a figure of few operations is a rough one.
"""
