"""The kernel's targets: LIO for iSCSI, nvmet for NVMe over TCP, and the configfs that both are told through."""
