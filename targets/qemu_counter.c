/* A plugin for qemu-user: counts the guest's instructions, and before each of its system calls writes their number into
   counter.bin, as u64. A block of translated code is counted when it is entered, and a system call ends one, so that the
   number is exact. Debian packages no header for plugins; these are the few declarations that it takes. */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

typedef uint64_t plugin_id;
struct block;

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id, void (*translated)(plugin_id id, struct block *block));
size_t qemu_plugin_tb_n_insns(const struct block *block);
void qemu_plugin_register_vcpu_tb_exec_cb(struct block *block, void (*entered)(unsigned int core, void *data), int flags,
                                          void *data);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id id,
                                          void (*called)(plugin_id id, unsigned int core, int64_t number, uint64_t a1,
                                                         uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5,
                                                         uint64_t a6, uint64_t a7, uint64_t a8));
/* New in version 2 of the interface, which is the same as version 1 in what is used here. */
__attribute__((weak)) void *qemu_plugin_scoreboard_new(size_t bytes);

int qemu_plugin_version = 1;
int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments);

static uint64_t instructions;
static int file;

__attribute__((constructor)) static void choose_version(void)
{
  if (qemu_plugin_scoreboard_new != NULL) {
    qemu_plugin_version = 2;
  }
}

static void entered(unsigned int core, void *data)
{
  (void)core;
  instructions += (uintptr_t)data;
}

static void translated(plugin_id id, struct block *block)
{
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_cb(block, entered, 0, (void *)(uintptr_t)qemu_plugin_tb_n_insns(block));
}

static void called(plugin_id id, unsigned int core, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                   uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8)
{
  (void)id, (void)core, (void)number, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (pwrite(file, &instructions, sizeof instructions, 0) != sizeof instructions) {
    _exit(1);
  }
}

int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments)
{
  (void)info, (void)count, (void)arguments;
  file = open("counter.bin", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_vcpu_syscall_cb(id, called);
  return file < 0;
}
