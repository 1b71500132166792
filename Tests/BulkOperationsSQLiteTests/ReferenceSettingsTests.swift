#if GRDB
import BulkOperationsSQLite
import GRDB
import HTTPPipeline
import HTTPTypes
import MetricsTestKit
import NIOCore
import Repositories
import RepositoriesSQLite
import Synchronization
import TestSupport
import Testing

@testable import BulkOperations

/// The effect of each setting of django-drf-extensions. The names are those of its documentation.
@Suite struct ReferenceSettingsTests {
    private static let csv: HTTPFields = [.contentType: "text/csv"]
    private static let file = "email\nd@x.de\ne@x.de\nf@x.de\ng@x.de\nh@x.de\n"
    private static let upsert = #"[{"email": "d@x.de"}, {"email": "e@x.de"}, {"email": "f@x.de"}]"#

    @Test func `CHUNK_SIZE is the number of items of a chunk`() async throws {
        let people = try OperationPeople { $0.chunkItemCount = 2 }
        _ = try await people.send(.post, "/people/operations", Self.csv, body: Self.file)
        var chunkCount = 0
        while try await people.worker.carryOutNext() { chunkCount += 1 }
        #expect(chunkCount == 3)
    }

    @Test func `MAX_RECORDS is the maximum number of items`() async throws {
        for (maximum, status) in [(4, 413), (5, 202)] {
            let people = try OperationPeople { $0.maximumItemCount = maximum }
            #expect(try await people.send(.post, "/people/operations", Self.csv, body: Self.file).status == status)
        }
    }

    @Test func `BATCH_SIZE is the number of rows of a write`() throws {
        let items = ByteBuffer(string: Self.upsert)
        let chunk = OperationChunk(number: 0, firstIndex: 0, itemCount: 3, bytes: items)
        for (batchCount, sizes) in [(2, [2, 1]), (3, [3])] {
            let work = try ChunkWork(
                ChunkPart(chunk, items: 0..<3), of: OperationRequest(.create, of: "people"), in: PersonFields.all,
                batchCount: batchCount)
            #expect(work.writes.map(\.rows.rowCount) == sizes)
        }
    }

    @Test(arguments: [(Duration.seconds(60), 200), (.zero, 404)])
    func `CACHE_TIMEOUT is the time for which results are kept`(retention: Duration, status: Int) async throws {
        var settings = BulkQueueSettings()
        settings.retention = retention
        let people = try OperationPeople(queue: settings)
        let accepted = JSONObject(
            try await people.send(.post, "/people/operations", Self.csv, body: Self.file).text)
        while try await people.worker.carryOutNext() {}
        let path = try #require(accepted["status_url"] as? String)
        #expect(try await people.send(.get, path).status == status)
    }

    /// Carries out a chunk after each event, so that every event is of another chunk.
    private struct Driver: BodyWriter {
        let worker: OperationWorker
        let events: EventLog

        mutating func write(_ buffer: ByteBuffer) async throws {
            events.add(String(buffer: buffer))
            _ = try await worker.carryOutNext()
        }

        consuming func finish(_ trailers: HTTPFields?) async throws {}
    }

    private final class EventLog: Sendable {
        private let names = Mutex<[String]>([])
        func add(_ event: String) { names.withLock { $0.append(String(event.prefix { $0 != "\n" })) } }
        var count: Int { names.withLock { $0.count { $0 == "event: progress" } } }
    }

    @Test(arguments: [(1, 5), (100, 1)])
    func `PROGRESS_UPDATE_INTERVAL is the number of items between events`(interval: Int, count: Int) async throws {
        let people = try OperationPeople {
            $0.chunkItemCount = 1
            $0.progressInterval = .zero
            $0.progressItemCount = interval
        }
        _ = try await people.send(.post, "/people/operations", Self.csv, body: Self.file, as: "ann")
        let operation = try #require(
            try await people.operations.queue.operations(of: "ann", state: nil, before: nil, limit: 1).first)
        let log = EventLog()
        let reply = OperationEvents(operations: people.operations, operation: operation, last: 0).reply()
        async let written: Void = reply.body.write(to: Driver(worker: people.worker, events: log))
        if interval > 1 { while try await people.worker.carryOutNext() {} }
        try await written
        #expect(log.count == count)
    }

    /// A repository that does not respond until it is cancelled.
    private struct HangingRepository: RepositoryWrapper {
        let wrapped: any Repository
        var fields: FieldSet { wrapped.fields }

        func rows(_ query: RowQuery) async throws -> RowBatch { try await hang() }
        func count(_ selection: Selection) async throws -> Int { try await hang() }
        func apply(_ write: RowWrite) async throws -> WriteResult { try await hang() }
        func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
            try await hang()
        }

        private func hang<Value>() async throws -> Value {
            try await Task.sleep(for: .seconds(3600))
            throw CancellationError()
        }
    }

    @Test func `QUERY_TIMEOUT is the maximum time for reading rows`() async throws {
        var settings = BulkQueueSettings()
        settings.retryDelay = .zero
        let people = try OperationPeople(
            queue: settings,
            configure: {
                $0.readTimeout = .milliseconds(1)
                $0.maximumDirectReadCount = 1
            },
            wrapping: { HangingRepository(wrapped: $0) })
        let status = try await people.carryOut(.get, "/people/operations?ids=1,2,3")
        #expect(status.result("count") == 0)
        #expect(status.result("error_count") == 3)
    }

    @Test(arguments: [(2, 400), (3, 200)])
    func `SYNC_UPSERT_MAX_ITEMS is the maximum number of items of an upsert`(maximum: Int, code: Int) async throws {
        var settings = Bulk.Settings()
        settings.maximumUpsertCount = maximum
        let people = try OperationPeople(bulk: settings)
        let response = try await people.send(.post, "/people/upsert?unique_fields=email", body: Self.upsert)
        #expect(response.status == code)
        if code == 400 {
            #expect(response.text.contains(#""suggestion":"Use PATCH /people/operations?unique_fields=... for"#))
        }
    }

    private final class WriteCounts: Sendable {
        private let sizes = Mutex<[Int]>([])
        func add(_ size: Int) { sizes.withLock { $0.append(size) } }
        var all: [Int] { sizes.withLock { $0 } }
    }

    private struct CountingRepository: RepositoryWrapper {
        let wrapped: any Repository
        let counts: WriteCounts
        var fields: FieldSet { wrapped.fields }

        func rows(_ query: RowQuery) async throws -> RowBatch { try await wrapped.rows(query) }
        func count(_ selection: Selection) async throws -> Int { try await wrapped.count(selection) }
        func apply(_ write: RowWrite) async throws -> WriteResult {
            counts.add(write.rows.rowCount)
            return try await wrapped.apply(write)
        }
        func applyAll(_ selection: Selection, setting row: RowBatch?, limit maximum: Int?) async throws -> Int {
            try await wrapped.applyAll(selection, setting: row, limit: maximum)
        }
    }

    @Test(arguments: [("", [2, 1]), ("&atomic=true", [3])])
    func `SYNC_UPSERT_BATCH_SIZE is the number of rows of a transaction`(query: String, sizes: [Int]) async throws {
        var settings = Bulk.Settings()
        settings.upsertBatchCount = 2
        let counts = WriteCounts()
        let people = try OperationPeople(
            bulk: settings, wrapping: { CountingRepository(wrapped: $0, counts: counts) })
        let response = try await people.send(
            .post, "/people/upsert?unique_fields=email\(query)", body: Self.upsert)
        #expect(response.text.contains(#""created_count":3"#))
        #expect(counts.all == sizes)
    }

    @Test func `SYNC_UPSERT_TIMEOUT is the maximum time of an upsert`() async throws {
        var settings = Bulk.Settings()
        settings.upsertTimeout = .milliseconds(1)
        let people = try OperationPeople(bulk: settings, wrapping: { HangingRepository(wrapped: $0) })
        let response = try await people.send(.post, "/people/upsert?unique_fields=email", body: Self.upsert)
        #expect(response.status == 503)
        #expect(response.fields[.retryAfter] == "1")
    }

    @Test(arguments: [(true, "bob"), (false, "ann")])
    func `USE_OPTIMIZED_TASKS prefers small operations`(isOn: Bool, first: String) async throws {
        var settings = BulkQueueSettings()
        settings.prefersSmallOperations = isOn
        let people = try OperationPeople(queue: settings)
        let large = "email\n" + (0..<1001).map { "user\($0)@x.de\n" }.joined()
        _ = try await people.send(.post, "/people/operations", Self.csv, body: large, as: "ann")
        _ = try await people.send(.post, "/people/operations", Self.csv, body: Self.file, as: "bob")
        let lease = try await people.operations.queue.lease(by: "test", of: ["people"])
        #expect(lease?.operation.request.userID == first)
    }

    @Test(arguments: [(5, true), (6, false), (nil, false)] as [(Int?, Bool)])
    func `AUTO_OPTIMIZE_QUERIES updates the statistics of tables`(least: Int?, isOptimized: Bool) async throws {
        let people = try OperationPeople { $0.optimizedRowCount = least }
        _ = try await people.carryOut(.post, "/people/operations", Self.csv, body: Self.file)
        let isAnalyzed = try await people.database.read { try $0.tableExists("sqlite_stat1") }
        #expect(isAnalyzed == isOptimized)
    }

    @Test func `ENABLE_METRICS records what workers do`() async throws {
        let people = try OperationPeople { $0.chunkItemCount = 2 }
        _ = try await people.carryOut(.post, "/people/operations", Self.csv, body: Self.file + "a@x.de\n")
        #expect(try people.metrics.expectCounter("bulk_operations_chunks_total").totalValue == 3)
        #expect(try people.metrics.expectCounter("bulk_operations_items_total").totalValue == 6)
        #expect(try people.metrics.expectCounter("bulk_operations_failed_items_total").totalValue == 1)
        #expect(try people.metrics.expectTimer("bulk_operations_chunk_duration").values.count == 3)
        let ended = try people.metrics.expectCounter("bulk_operations_total", [("state", "completed")])
        #expect(ended.totalValue == 1)
    }
}
#endif
