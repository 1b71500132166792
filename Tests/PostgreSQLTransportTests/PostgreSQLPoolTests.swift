#if PostgreSQL
import ServiceLifecycle
import ServiceLifecycleTestKit
import Synchronization
import TestSupport
import Testing

@testable import PostgreSQLTransport

private final class Recorder: Sendable {
    private let all = Mutex<[Int]>([])

    var numbers: [Int] { all.withLock { $0 } }

    func record(_ number: Int) { all.withLock { $0.append(number) } }
}

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct PostgreSQLPoolTests {
    private static func waitingCount(_ client: PostgreSQLClient) -> Int {
        client.pool.state.withLock { $0.waitingCount }
    }
    private static func openCount(_ client: PostgreSQLClient) -> Int { client.pool.state.withLock { $0.links.count } }

    /// Waits until a statement that contains a text runs.
    private static func untilRunning(_ text: String, _ fixture: PostgreSQLFixture) async throws {
        try await eventually { try await runningCount(text, fixture) == 1 }
    }

    private static func runningCount(_ text: String, _ fixture: PostgreSQLFixture) async throws -> Int64? {
        let client = try PostgreSQLClient(url: fixture.server.url(fixture.database))
        let result = try await client.execute(
            """
            SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%' || $1 || '%'
            AND datname = current_database() AND pid <> pg_backend_pid()
            """, [.text(text)])
        return result.integer(0, 0)
    }

    @Test func `Many tasks share the connections`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 8 }
            let pids = try await withThrowingTaskGroup(of: [Int64?].self) { group in
                for number in 0..<64 {
                    group.addTask {
                        let result = try await client.execute(
                            "SELECT pg_backend_pid(), $1::int8, pg_sleep(0.002)", [.integer(Int64(number))])
                        return [result.integer(0, 0), result.integer(0, 1)]
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(pids.map { $0[1] }).count == 64)
            #expect(Set(pids.map { $0[0] }).count <= 8)
            #expect(Self.openCount(client) <= 8)
        }
    }

    @Test func `Requests get a connection in their order`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 1 }
            let recorder = Recorder()
            var tasks: [Task<Void, any Error>] = []
            try await client.withConnection { _ in
                for number in 0..<10 {
                    let task = Task {
                        guard number.isMultiple(of: 2) else {
                            _ = try await client.execute("SELECT 1")
                            return recorder.record(number)
                        }
                        try await client.withConnection { _ in recorder.record(number) }
                    }
                    tasks.append(task)
                    try await waitUntil { Self.waitingCount(client) == number + 1 }
                }
            }
            for task in tasks { try await task.value }
            // A statement's task may record its end after the next closure has begun.
            let numbers = recorder.numbers
            #expect(numbers.filter { $0.isMultiple(of: 2) } == [0, 2, 4, 6, 8])
            #expect(numbers.sorted() == Array(0..<10))
        }
    }

    @Test func `Waiting is bounded in number and time`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client {
                $0.maximumConnections = 1
                $0.waitingLimit = 1
                $0.waitingTimeout = .seconds(2)
            }
            // Connecting may take longer.
            try await waitUntil { (try? await client.execute("SELECT 1")) != nil }
            try await client.withConnection { _ in
                let waiting = Task { try await client.execute("SELECT 1") }
                try await waitUntil { Self.waitingCount(client) == 1 }
                let full = await #expect(throws: PostgreSQLError.self) { try await client.execute("SELECT 1") }
                #expect(full?.kind == .unavailable)
                #expect(full?.isTransient == true)
                let error = await #expect(throws: PostgreSQLError.self) { _ = try await waiting.value }
                #expect(error?.kind == .timeout)
                #expect(error?.isTransient == true)
            }
            let value = try await client.execute("SELECT 1").integer(0, 0)
            #expect(value == 1)
        }
    }

    @Test(arguments: [true, false]) func `A cancelled task leaves the queue`(usesClosure: Bool) async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 1 }
            try await client.withConnection { _ in
                let task = Task {
                    if usesClosure { return try await client.withConnection { _ in } }
                    _ = try await client.execute("SELECT 1")
                }
                try await waitUntil { Self.waitingCount(client) == 1 }
                task.cancel()
                await #expect(throws: CancellationError.self) { try await task.value }
                #expect(Self.waitingCount(client) == 0)
            }
        }
    }

    @Test func `A statement that exceeds its timeout fails`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client {
                $0.maximumConnections = 1
                $0.statementTimeout = .milliseconds(50)
                $0.replyMargin = .seconds(60)
            }
            let error = await #expect(throws: PostgreSQLError.self) { try await client.execute("SELECT pg_sleep(60)") }
            #expect(error?.kind == .timeout)
            #expect(error?.sqlState == "57014")
            #expect(error?.isTransient == false)
            let value = try await client.execute("SELECT 1").integer(0, 0)
            #expect(value == 1)
        }
    }

    @Test(arguments: [true, false]) func `Cancellation ends the server's statement`(inTransaction: Bool) async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 1 }
            let pid = try await client.execute("SELECT pg_backend_pid()").integer(0, 0)
            let task = Task {
                if inTransaction {
                    return try await client.withTransaction { _ = try await $0.execute("SELECT pg_sleep(100)") }
                }
                _ = try await client.execute("SELECT pg_sleep(100)")
            }
            try await Self.untilRunning("pg_sleep", fixture)
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            let count = try await Self.runningCount("pg_sleep", fixture)
            #expect(count == 0)
            // The connection is clean and used again.
            let next = try await client.execute("SELECT pg_backend_pid()").integer(0, 0)
            #expect(next == pid)
        }
    }

    @Test func `Cancellation ends a statement that the server prepares`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            _ = try await client.execute("CREATE TABLE items (id int8)")
            let text = "SELECT id FROM items"
            try await client.withConnection { connection in
                // The text is prepared at its second use, which waits for the lock of the table.
                _ = try await connection.execute(text)
                try await client.withTransaction { other in
                    _ = try await other.execute("LOCK TABLE items IN ACCESS EXCLUSIVE MODE")
                    let task = Task { try await connection.execute(text) }
                    try await Self.untilRunning(text, fixture)
                    task.cancel()
                    await #expect(throws: CancellationError.self) { try await task.value }
                }
                #expect(try await connection.execute(text).rowCount == 0)
            }
        }
    }

    @Test func `A statement of the client leaves no transaction open`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 1 }
            let error = await #expect(throws: PostgreSQLError.self) { try await client.execute("BEGIN") }
            #expect(error?.kind == .closed)
            #expect(error?.message.contains("withTransaction") == true)
            // In a transaction, it would be refused.
            _ = try await client.execute("VACUUM")
        }
    }

    @Test func `A transaction that waits too long for its next statement ends`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.idleTransactionTimeout = .milliseconds(20) }
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.withTransaction { connection in
                    let pid = try await connection.execute("SELECT pg_backend_pid()").integer(0, 0) ?? 0
                    try await eventually {
                        try await client.execute("SELECT 1 FROM pg_stat_activity WHERE pid = $1", [.integer(pid)])
                            .rowCount == 0
                    }
                    _ = try await connection.execute("SELECT 1")
                }
            }
            #expect(error?.isTransient == true)
        }
    }

    @Test func `Many cancellations hit no other statement`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 3 }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<60 {
                    group.addTask {
                        let task = Task { try await client.execute("SELECT pg_sleep(0.001)") }
                        if number.isMultiple(of: 3) { task.cancel() }
                        do {
                            _ = try await task.value
                        } catch is CancellationError where number.isMultiple(of: 3) {}
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func `Shutdown waits for running statements`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            let other = try fixture.client()
            try await testGracefulShutdown { trigger in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    try await other.withConnection { lock in
                        _ = try await lock.execute("SELECT pg_advisory_lock(1)")
                        group.addTask { try await client.run() }
                        group.addTask { _ = try await client.execute("SELECT pg_advisory_lock(1), 'waits'") }
                        try await Self.untilRunning("waits", fixture)
                        trigger.triggerGracefulShutdown()
                        try await eventually {
                            do {
                                _ = try await client.execute("SELECT 1")
                                return false
                            } catch let error as PostgreSQLError {
                                return error.kind == .closed
                            }
                        }
                        _ = try await lock.execute("SELECT pg_advisory_unlock(1)")
                    }
                    try await group.waitForAll()
                }
            }
            #expect(Self.openCount(client) == 0)
        }
    }

    @Test func `Cancelling the service ends its statements`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            let service = Task { try await client.run() }
            let statement = Task { try await client.execute("SELECT pg_sleep(100)") }
            try await Self.untilRunning("pg_sleep", fixture)
            service.cancel()
            let error = await #expect(throws: PostgreSQLError.self) { _ = try await statement.value }
            #expect(error?.kind == .closed)
            try await service.value
        }
    }

    @Test func `A released client closes its connections`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let url = fixture.server.url(fixture.database) + "?application_name=released"
            var client: PostgreSQLClient? = try PostgreSQLClient(url: url)
            _ = try await client?.execute("SELECT 1")
            client = nil
            let observer = try fixture.client()
            try await eventually {
                try await observer.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'released'")
                    .integer(0, 0) == 0
            }
        }
    }

    @Test func `Unused and old connections are closed`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let idle = try fixture.client { $0.idleTimeout = .milliseconds(20) }
            _ = try await idle.execute("SELECT 1")
            try await eventually { Self.openCount(idle) == 0 }
            let old = try fixture.client { $0.maximumLifetime = .nanoseconds(1) }
            let pids = [
                try await old.execute("SELECT pg_backend_pid()").integer(0, 0),
                try await old.execute("SELECT pg_backend_pid()").integer(0, 0),
            ]
            #expect(Set(pids).count == 2)
        }
    }
}
#endif
