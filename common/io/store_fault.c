#include "common/io/store_lmdb.h"

#include <errno.h>

enum fault store_fault(int rc)
{
	switch (rc) {
	case 0:
		return FAULT_NONE;
	case MDB_NOTFOUND:
		return FAULT_NOT_FOUND;
	case MDB_MAP_FULL:
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return FAULT_NO_SPACE;
	case ENOMEM:
		return FAULT_MEMORY;
	case EBUSY:
	case MDB_READERS_FULL:
		return FAULT_UNAVAILABLE;
	case MDB_BAD_VALSIZE:
		return FAULT_INVALID;
	case EACCES:
	case EPERM:
	case EROFS:
	case ENOENT:
	case ENOTDIR:
		return FAULT_IO;
	default:
		return FAULT_STORE;
	}
}

static const char *sentence_end(int rc)
{
	switch (rc) {
	case MDB_INVALID:
		return "is damaged or was never a store; restore a copy or choose another directory";
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
		return "is damaged; restore a copy or choose another directory";
	case MDB_VERSION_MISMATCH:
		return "was written by another version of LMDB; open it with that one or choose another directory";
	case MDB_INCOMPATIBLE:
		return "belongs to another program or a later release; choose another directory";
	case MDB_PANIC:
		return "can no longer be used by this process; restart it";
	case MDB_MAP_FULL:
		return "had too little room prepared for so large a change; try again";
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
		return "has no space left to grow on its disk; nothing was lost";
	case EBUSY:
		return "was enlarged by another process during a read; try again";
	case MDB_READERS_FULL:
		return "is being read by too many at once; try again";
	case MDB_BAD_VALSIZE:
		return "was given a key that is empty or too long";
	default:
		return NULL;
	}
}

enum fault store_say(const char *dir, int rc, struct err *err)
{
	const char *end = sentence_end(rc);

	if (end != NULL)
		return err_say(err, store_fault(rc), "", "the store in %s %s", dir, end);
	return err_say(err, store_fault(rc), "", "the store in %s cannot be used: %s", dir, mdb_strerror(rc));
}
