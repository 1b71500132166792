#if PostgreSQL
import BulkOperations
import BulkOperationsPostgreSQL
import HTTPPipeline
import Logging
import NIOCore
import PostgreSQLTransport
import Synchronization
import TestSupport
import Testing

/// A server with a database, which workers in other processes write to.
final class CrashDatabase: Sendable {
    /// The time for which the workers lease chunks.
    static let lease = Duration.milliseconds(400)

    let server: PostgreSQLServer
    private let url: String
    private let client: PostgreSQLClient
    private let queue: PostgreSQLBulkQueue
    private let running = Mutex<[CrashWorker]>([])

    init() async throws {
        server = try await PostgreSQLServer.start(["max_connections=50"])
        url = server.url(try await server.createDatabase())
        client = try PostgreSQLClient(url: url) { $0.logger.logLevel = .critical }
        queue = try await PostgreSQLBulkQueue(in: client)
        _ = try await client.execute(
            "CREATE TABLE crash_rows (id BIGSERIAL PRIMARY KEY, number BIGINT NOT NULL, text TEXT NOT NULL)")
    }

    /// Calls a closure, then ends all workers and the server.
    func removing(_ body: () async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do { result = .success(try await body()) } catch { result = .failure(error) }
        for worker in running.withLock({ $0 }) { await worker.kill() }
        await client.shutDown()
        try await server.stop()
        try result.get()
    }

    /// Starts a worker.
    func start(chunkSize: Int) throws -> CrashWorker {
        let worker = try CrashWorker([url, "\(chunkSize)", "\(Int(Self.lease / .milliseconds(1)))"])
        running.withLock { $0.append(worker) }
        return worker
    }

    /// Kills the server and starts it again.
    func crash() async throws {
        try await server.kill()
        try await server.launch()
    }

    /// Submits an operation that creates rows with numbers.
    func submit(rows: Range<Int>, chunkSize: Int, isAtomic: Bool = false) async throws -> OperationID {
        let now = SystemTimeSource().now
        var request = OperationRequest(.create, of: "rows", for: "user")
        request.isAtomic = isAtomic
        let id = OperationID(at: now)
        try await queue.open(BulkOperation(id, request, createdAt: now), idempotencyKey: nil)
        for (number, first) in stride(from: 0, to: rows.count, by: chunkSize).enumerated() {
            let text = rows.dropFirst(first).prefix(chunkSize).map { #"{"number": \#($0), "text": "row \#($0)"}"# }
                .joined(separator: ", ")
            try await queue.append(
                OperationChunk(
                    number: number, firstIndex: first, itemCount: min(chunkSize, rows.count - first),
                    bytes: ByteBuffer(string: "[\(text)]")), to: id)
        }
        _ = try await queue.submit(request, as: id, fingerprint: nil)
        return id
    }

    /// Waits until a number of items was processed, or the operation has ended. The server may be starting.
    func waitUntil(_ id: OperationID, hasProcessed count: Int) async throws {
        try await eventually {
            guard let operation = try await operation(id) else { return false }
            return operation.counts.processed >= count || operation.state.isFinal
        }
    }

    /// The operation, or nil while the server does not respond.
    func operation(_ id: OperationID) async throws -> BulkOperation? {
        do { return try await queue.operation(id) } catch let error as PostgreSQLError where error.isTransient {
            return nil
        }
    }

    /// Checks that the rows with the numbers below a count are there exactly once.
    func checkRows(count: Int) async throws {
        let result = try await client.execute("SELECT count(*), count(DISTINCT number), max(number) FROM crash_rows")
        #expect((0..<3).map { result.integer(0, $0) } == [Int64(count), Int64(count), Int64(count - 1)])
    }

    /// Checks that an operation says that each of its items has created a row.
    func checkOperation(_ id: OperationID, rowCount: Int) async throws {
        let operation = try #require(try await queue.operation(id))
        #expect(operation.state == .completed)
        #expect(operation.counts.total == rowCount)
        #expect(operation.counts.created == rowCount)
        #expect(operation.counts.processed == rowCount)
        var query = PartQuery(of: id)
        query.limit = 10_000
        var next = 0
        for record in try await queue.parts(query) {
            #expect(record.outcome?.successes.map(\.index) == Array(next..<next + record.part.items.count))
            next += record.part.items.count
        }
        #expect(next == rowCount)
    }
}
#endif
