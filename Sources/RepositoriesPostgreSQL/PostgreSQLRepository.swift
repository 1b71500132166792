#if PostgreSQL
import PostgreSQLTransport
import Repositories
#endif
