#if PostgreSQL
import BulkOperations
import PostgreSQLTransport
#endif
