import BulkOperations
import Foundation
import Logging
import Repositories
import Resources

/// A worker that a test kills, stops and starts again:
///
/// ```
/// BulkCrash PATH|URL CHUNK_SIZE LEASE_MILLISECONDS
/// ```
///
/// It carries out the operations of the resource `rows` in the SQLite database at the path, or in the PostgreSQL database of a URL that begins
/// with `postgres://`, until it is killed.
@main
struct BulkCrash {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let chunkSize = Int(arguments[2]), let lease = Int(arguments[3]) else {
            print("BulkCrash PATH|URL CHUNK_SIZE LEASE_MILLISECONDS")
            exit(2)
        }
        // No two rows are the same for the database, so it does not refuse a row that is written twice.
        let fields = FieldSet("crash_rows", Field.integer("id").key(), Field.integer("number"), Field.text("text"))
        var settings = BulkQueueSettings()
        settings.leaseDuration = .milliseconds(lease)
        settings.retryDelay = .milliseconds(20)
        let queue: any BulkQueue
        let repository: any Repository
        let isURL = arguments[1].hasPrefix("postgres://")
        do {
            (queue, repository) =
                isURL
                ? try await openPostgreSQL(arguments[1], fields, settings)
                : try openSQLite(arguments[1], fields, settings)
        } catch {
            print("\(error)")
            exit(1)
        }
        let operations = Operations(in: queue) {
            $0.chunkItemCount = chunkSize
            $0.batchItemCount = chunkSize
        }
        var logger = Logger(label: "BulkCrash") { StreamLogHandler.standardError(label: $0) }
        // A server that is killed is no surprise.
        logger.logLevel = isURL ? .critical : .warning
        let worker = OperationWorker(of: operations, for: Resource("rows", over: repository), logger: logger) {
            $0.pollInterval = .milliseconds(20)
            $0.metrics = nil
        }
        try await worker.run()
    }
}
