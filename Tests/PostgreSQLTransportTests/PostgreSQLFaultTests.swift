#if PostgreSQL
import Synchronization
import TestSupport
import Testing

@testable import PostgreSQLTransport

/// Failures of the server.
@Suite(
    .enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)), .serialized)
struct PostgreSQLFaultTests {
    /// Waits until a statement succeeds. All errors before that must be transient.
    private static func untilRecovered(_ client: PostgreSQLClient) async throws {
        try await eventually {
            do {
                return try await client.execute("SELECT 1").integer(0, 0) == 1
            } catch let error as PostgreSQLError {
                #expect(error.isTransient, "\(error)")
                return false
            }
        }
    }

    private static func error(of client: PostgreSQLClient) async -> PostgreSQLError? {
        await #expect(throws: PostgreSQLError.self) { try await client.execute("SELECT 1") }
    }

    @Test func `Requests fail while the server is down`() async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let client = try fixture.client()
            try await client.withConnection { connection in
                try await fixture.server.kill()
                let error = await #expect(throws: PostgreSQLError.self) { try await connection.execute("SELECT 1") }
                #expect(error?.kind == .unavailable)
            }
            for _ in 0..<3 {
                let error = await Self.error(of: client)
                #expect(error?.kind == .unavailable)
                #expect(error?.isTransient == true)
            }
            try await fixture.server.launch()
            try await Self.untilRecovered(client)
        }
    }

    @Test func `A short restart is hidden from waiting requests`() async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let client = try fixture.client { $0.failureLimit = 1_000_000 }
            _ = try await client.execute("SELECT 1")
            await fixture.server.shutDown()
            try await eventually { client.pool.state.withLock { $0.links.isEmpty } }
            async let value = client.execute("SELECT 5").integer(0, 0)
            try await fixture.server.launch()
            let result = try await value
            #expect(result == 5)
        }
    }

    @Test func `A shutdown of the server is transient`() async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let client = try fixture.client()
            try await client.withConnection { connection in
                let statement = Task { try await connection.execute("SELECT pg_sleep(100)") }
                try await eventually {
                    try await fixture.server.sql(
                        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'") == "1"
                }
                await fixture.server.shutDown()
                let error = await #expect(throws: PostgreSQLError.self) { _ = try await statement.value }
                #expect(error?.sqlState == "57P01")
                #expect(error?.kind == .unavailable)
                #expect(error?.isTransient == true)
            }
        }
    }

    @Test func `Requests to a paused server time out`() async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let client = try fixture.client {
                $0.statementTimeout = .milliseconds(100)
                $0.replyMargin = .milliseconds(100)
                $0.connectTimeout = .milliseconds(500)
                $0.waitingTimeout = .milliseconds(300)
            }
            try await Self.untilRecovered(client)
            fixture.server.pause()
            let error = await Self.error(of: client)
            #expect(error?.kind == .timeout)
            #expect(error?.isTransient == true)
            // After attempts to connect have failed, requests fail at once.
            try await eventually { await Self.error(of: client)?.kind == .unavailable }
            fixture.server.resume()
            try await Self.untilRecovered(client)
        }
    }

    @Test func `A paused server does not delay a cancelled task for long`() async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let client = try fixture.client { $0.replyMargin = .milliseconds(100) }
            _ = try await client.execute("SELECT 1")
            fixture.server.pause()
            let task = Task { try await client.execute("SELECT 1") }
            await Task.yield()
            task.cancel()
            await #expect(throws: (any Error).self) { try await task.value }
            fixture.server.resume()
            try await Self.untilRecovered(client)
        }
    }

    @Test func `Rejected connections name the reason, not the password`() async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let server = fixture.server
            let rejected = [
                (server.url("postgres", user: "secured", password: "hunter2"), "28P01"),
                (server.url("nonsense"), "3D000"), (server.url("postgres", user: "unknown"), "28000"),
            ]
            for (url, state) in rejected {
                let client = try fixture.client(url: url)
                for _ in 0..<2 {
                    let error = await Self.error(of: client)
                    #expect(error?.kind == .refused)
                    #expect(error?.sqlState == state)
                    #expect(error?.isTransient == false)
                    #expect(error?.description.contains("hunter2") == false)
                }
            }
            let missing = await Self.error(of: try fixture.client(url: server.url("postgres", user: "secured")))
            #expect(missing?.kind == .refused)
            let tls = await Self.error(of: try fixture.client(url: server.url() + "?sslmode=require"))
            #expect(tls?.kind == .refused)
            let client = try fixture.client(url: server.url("postgres", user: "secured", password: "secret"))
            let user = try await client.execute("SELECT current_user").text(0, 0)
            #expect(user == "secured")
        }
    }

    @Test func `The server's connection limit is transient`() async throws {
        try await PostgreSQLFixture.withOwnServer(["max_connections=4", "superuser_reserved_connections=0"]) {
            fixture in
            let client = try fixture.client { $0.maximumConnections = 4 }
            let other = try fixture.client { $0.failureLimit = 1 }
            try await client.withConnection { _ in
                try await client.withConnection { _ in
                    try await client.withConnection { _ in
                        try await client.withConnection { _ in
                            let error = await Self.error(of: other)
                            #expect(error?.sqlState == "53300")
                            #expect(error?.kind == .unavailable)
                            #expect(error?.isTransient == true)
                        }
                    }
                }
            }
            await client.shutDown()
            try await Self.untilRecovered(other)
        }
    }

    @Test func `A terminated connection is replaced`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.maximumConnections = 1 }
            let pid = try #require(try await client.execute("SELECT pg_backend_pid()").integer(0, 0))
            try await fixture.server.sql("SELECT pg_terminate_backend(\(pid))")
            try await eventually { client.pool.state.withLock { $0.links.isEmpty } }
            let next = try await client.execute("SELECT pg_backend_pid()").integer(0, 0)
            #expect(next != pid)
        }
    }
}
#endif
