#if GRDB
import Repositories
#endif
