#if PostgreSQL
import Testing
import BulkOperationsPostgreSQL
#endif
