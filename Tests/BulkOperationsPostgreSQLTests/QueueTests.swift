#if PostgreSQL
import HTTPPipeline
import HTTPSemantics
import NIOCore
import PipelineTesting
import PostgreSQLTransport
import Repositories
import RepositoriesPostgreSQL
import ServiceLifecycle
import TestSupport
import Testing

@testable import BulkOperations
@testable import BulkOperationsPostgreSQL

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct QueueTests {
    private let time = ManualTimeSource()

    @Test func `Behaves as every queue does`() async throws {
        try await BulkQueueSuite { fields, settings, time in
            let database = try await QueueDatabase { $0.maximumConnections = 2 }
            let queue = try await PostgreSQLBulkQueue(in: database.client, settings: settings, clock: time)
            return (queue, PostgreSQLRepository(fields, in: database.client))
        }.run()
    }

    @Test func `Instances that start at once create the tables once`() async throws {
        let database = try await QueueDatabase()
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    let client = try database.connect()
                    _ = try await PostgreSQLBulkQueue(in: client)
                    _ = try await PostgreSQLIdempotencyStore(in: client)
                    await client.shutDown()
                }
            }
            try await group.waitForAll()
        }
        #expect(try await database.integer("SELECT count(*) FROM bulk_versions") == 2)
        #expect(try await database.integer("SELECT count(*) FROM pg_class WHERE relname = 'bulk_operations'") == 1)
    }

    @Test func `Tables of a later version are refused`() async throws {
        let database = try await QueueDatabase()
        _ = try await PostgreSQLBulkQueue(in: database.client)
        _ = try await database.client.execute("UPDATE bulk_versions SET version = 1000")
        await #expect(throws: UnknownTableVersion.self) { try await PostgreSQLBulkQueue(in: database.client) }
    }

    @Test func `Only repositories of the same client are accepted`() async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client)
        #expect(queue.accepts(database.repository))
        #expect(!queue.accepts(PostgreSQLRepository(RepositorySuite.fields, in: try database.connect())))
    }

    @Test func `A killed upload keeps its key for a minute`() async throws {
        let queue = try await PostgreSQLBulkQueue(in: QueueDatabase().client, clock: time)
        func open() async throws -> BulkOperation {
            let operation = BulkOperation(
                OperationID(at: time.now), OperationRequest(.create, of: "places", for: "ann"), createdAt: time.now)
            try await queue.open(operation, idempotencyKey: "k")
            return operation
        }
        let slow = try await open()
        time.advance(by: .seconds(59))
        await #expect(throws: QueueRefusal.uploading) { try await open() }
        let chunk = OperationChunk(number: 0, firstIndex: 0, itemCount: 1, bytes: ByteBuffer(string: "[1]"))
        try await queue.append(chunk, to: slow.id)
        time.advance(by: .seconds(59))
        await #expect(throws: QueueRefusal.uploading) { try await open() }
        time.advance(by: .seconds(1))
        let second = try await open()
        try await queue.append(chunk, to: second.id)
        // Whichever ends first is the only one.
        _ = try await queue.submit(second.request, as: second.id, fingerprint: "f")
        #expect(try await queue.submit(slow.request, as: slow.id, fingerprint: "f").id == second.id)
        #expect(try await queue.operation(slow.id) == nil)
        #expect(try await queue.depth() == 1)
    }

    @Test func `Of concurrent uploads with one key one begins`() async throws {
        let queue = try await PostgreSQLBulkQueue(in: QueueDatabase().client)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let now = SystemTimeSource().now
                    let request = OperationRequest(.create, of: "places", for: "ann")
                    do {
                        try await queue.open(
                            BulkOperation(OperationID(at: now), request, createdAt: now), idempotencyKey: "k")
                        return 1
                    } catch QueueRefusal.uploading {
                        return 0
                    }
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(count == 1)
    }

    @Test(arguments: [
        ("SET TRANSACTION READ ONLY; CREATE TABLE refused ()", 40, 0), (raising("53100"), 40, 0),
        (raising("53300"), 40, 0), (raising("57P02"), 40, 0), (raising("57P03"), 40, 0),
        // Forgiven twenty times, for an item may be what ends the connection.
        ("SELECT pg_terminate_backend(pg_backend_pid())", 23, 1), (raising("40P01"), 23, 1),
        (raising("58030"), 23, 1), (raising("53000"), 23, 1),
        ("SET statement_timeout = 1; SELECT pg_sleep(60)", 3, 1), ("SELECT 1 / 0", 3, 1), (raising("XX000"), 3, 1),
        (raising("53200"), 3, 1), (raising("53400"), 3, 1), (raising("25P03"), 3, 1),
    ])
    func `A failing database is not the fault of an item`(statement: String, attempts: Int, failed: Int) async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        let id = try await queue.submit([["a"]], at: time)
        for _ in 0..<attempts {
            time.advance(by: .seconds(60))
            let lease = try #require(try await queue.lease(by: "w", of: ["places"]))
            if lease.isHopeless {
                let request = lease.operation.request
                _ = try await queue.carryOut(lease, on: database.repository) { ChunkWork(hopeless: $0, of: request) }
                try await queue.acknowledge(lease)
            } else {
                let error = await #expect(throws: PostgreSQLError.self) {
                    try await database.client.withConnection { try await $0.executeScript(statement) }
                }
                try await queue.retry(lease, after: try #require(error))
            }
        }
        let ended = try #require(try await queue.operation(id))
        #expect(ended.counts.failed == failed)
        #expect(ended.state.isFinal == (failed > 0))
    }

    private static func raising(_ sqlState: String) -> String { "DO $$ BEGIN RAISE SQLSTATE '\(sqlState)'; END $$" }

    @Test func `A lost connection is not a refused one`() async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let client = try fixture.client { $0.outageDelay = .zero }
            try await client.withConnection { connection in
                try await fixture.server.kill()
                let lost = await #expect(throws: PostgreSQLError.self) { try await connection.execute("SELECT 1") }
                #expect(EndedLease.Cause(try #require(lost)) == .interruption)
            }
            let refused = await #expect(throws: PostgreSQLError.self) { try await client.execute("SELECT 1") }
            #expect(EndedLease.Cause(try #require(refused)) == .database)
            try await fixture.server.launch()
        }
    }

    @Test func `A chunk that ends its connections is halved`() async throws {
        let database = try await QueueDatabase()
        let queue = try await PostgreSQLBulkQueue(in: database.client, clock: time)
        let id = try await queue.submit([["a", "b", "c", "d"]], at: time)
        let error = await #expect(throws: PostgreSQLError.self) {
            try await database.client.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        }
        for _ in 0..<100 {
            time.advance(by: .seconds(60))
            guard let lease = try await queue.lease(by: "w", of: ["places"]) else { break }
            if lease.isHopeless {
                let request = lease.operation.request
                _ = try await queue.carryOut(lease, on: database.repository) { ChunkWork(hopeless: $0, of: request) }
            } else if lease.items.contains(2) {
                try await queue.retry(lease, after: try #require(error))
                continue
            } else {
                #expect(try await queue.carryOut(lease, on: database.repository, namedRows))
            }
            try await queue.acknowledge(lease)
        }
        let ended = try #require(try await queue.operation(id))
        #expect(ended.state == .completed)
        #expect((ended.counts.created, ended.counts.failed) == (3, 1))
    }

    @Test func `Leases expire by the clock of the database`() async throws {
        let database = try await QueueDatabase()
        var settings = BulkQueueSettings()
        settings.leaseDuration = .milliseconds(50)
        settings.retryDelay = .milliseconds(1)
        let queue = try await PostgreSQLBulkQueue(in: database.client, settings: settings)
        let id = try await queue.submit([["a"]], at: SystemTimeSource())
        let first = try #require(try await queue.lease(by: "first", of: ["places"]))
        var next: ChunkLease?
        try await eventually {
            next = try await queue.lease(by: "second", of: ["places"])
            return next != nil
        }
        let second = try #require(next)
        #expect(second.token > first.token)
        #expect(try await queue.carryOut(first, on: database.repository, namedRows) == false)
        #expect(try await queue.operation(id)?.startedAt != nil)
    }

    @Test func `Changes wake other processes`() async throws {
        let database = try await QueueDatabase()
        let first = try await PostgreSQLBulkQueue(in: database.client)
        let second = try await PostgreSQLBulkQueue(in: try database.connect())
        try await withThrowingTaskGroup { group in
            group.addTask { try await second.run() }
            // The first notification says that the connection listens, the second one that something has changed.
            try await eventually { second.changes.revision > 0 }
            let revision = second.changes.revision
            let id = try await first.submit([["a"]], at: SystemTimeSource())
            try await eventually { second.changes.revision > revision }
            let lease = try #require(try await first.lease(by: "w", of: ["places"]))
            #expect(try await first.carryOut(lease, on: database.repository, namedRows))
            let recorded = second.changes.revision
            try await first.acknowledge(lease)
            try await eventually { second.changes.revision > recorded }
            #expect(try await second.operation(id)?.state == .completed)
            group.cancelAll()
        }
    }
}
#endif
