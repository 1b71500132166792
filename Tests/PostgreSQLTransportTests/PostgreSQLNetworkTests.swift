#if PostgreSQL
import PostgreSQLTransport
import TestSupport
import Testing

/// Statements over a network with faults.
@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct PostgreSQLNetworkTests {
    @Test func `Statements over a slow network succeed`() async throws {
        try await Self.withProxy { fixture, proxy in
            let client = try Self.client(fixture, proxy)
            proxy.setMode(.delay(.milliseconds(20)))
            let sum = try await withThrowingTaskGroup { group in
                for number in 0..<20 {
                    group.addTask {
                        try await client.execute("SELECT $1::int8", [.integer(Int64(number))]).integer(0, 0)
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ?? 0) }
            }
            #expect(sum == 190)
        }
    }

    @Test(arguments: [1, 60, 5000]) func `A reply that breaks off fails its statement`(byteCount: Int) async throws {
        try await Self.withProxy { fixture, proxy in
            let client = try Self.client(fixture, proxy)
            _ = try await client.execute("SELECT 1")
            proxy.setMode(.cutAfter(byteCount))
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.execute("SELECT repeat('x', 10000)")
            }
            #expect(error?.isTransient == true)
            proxy.setMode(.pass)
            try await eventually { (try? await client.execute("SELECT 1")) != nil }
        }
    }

    @Test func `A transaction whose commit has no reply fails`() async throws {
        try await Self.withProxy { fixture, proxy in
            let client = try Self.client(fixture, proxy) {
                // Enough for the other statements on a busy machine.
                $0.statementTimeout = .seconds(2)
                $0.replyMargin = .milliseconds(500)
            }
            _ = try await fixture.client().execute("CREATE TABLE numbers (number int8)")
            let error = await #expect(throws: PostgreSQLError.self) {
                try await client.withTransaction { connection in
                    _ = try await connection.execute("INSERT INTO numbers VALUES (1)")
                    proxy.setMode(.drop)
                }
            }
            #expect(error?.kind == .timeout || error?.kind == .unavailable)
            proxy.setMode(.pass)
            // The proxy has dropped the commit.
            try await eventually {
                (try? await client.execute("SELECT count(*) FROM numbers").integer(0, 0)) == 0
            }
        }
    }

    @Test func `A read is repeated when its connection is lost`() async throws {
        try await Self.withProxy { fixture, proxy in
            let client = try Self.client(fixture, proxy)
            _ = try await client.execute("SELECT 1")
            await proxy.disconnectAll()
            let value = try await client.read("SELECT 2").integer(0, 0)
            #expect(value == 2)
        }
    }

    private static func withProxy(_ body: (PostgreSQLFixture, FaultProxy) async throws -> Void) async throws {
        try await PostgreSQLFixture.with { fixture in
            let proxy = try await FaultProxy.start(to: fixture.server.port)
            let result: Result<Void, any Error>
            do { result = .success(try await body(fixture, proxy)) } catch { result = .failure(error) }
            await proxy.stop()
            try result.get()
        }
    }

    private static func client(
        _ fixture: PostgreSQLFixture, _ proxy: FaultProxy,
        _ configure: (inout PostgreSQLClientSettings) -> Void = { _ in }
    ) throws -> PostgreSQLClient {
        let url = fixture.server.url(fixture.database).replacing(":\(fixture.server.port)", with: ":\(proxy.port)")
        return try fixture.client(url: url) {
            $0.maximumConnections = 4
            configure(&$0)
        }
    }
}
#endif
