#if PostgreSQL
import Testing
import RepositoriesPostgreSQL
#endif
