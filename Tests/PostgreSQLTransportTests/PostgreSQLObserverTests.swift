#if PostgreSQL
import InMemoryTracing
import MetricsTestKit
import PostgreSQLTransport
import TestSupport
import Testing
import Tracing

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct PostgreSQLObserverTests {
    @Test func `Statements have metrics and spans`() async throws {
        let metrics = TestMetrics()
        let tracer = InMemoryTracer()
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client {
                $0.metrics = metrics
                $0.tracer = tracer
            }
            _ = try await client.execute("select $1::int8", [.integer(5)])
            _ = try? await client.execute("SELECT nonsense")
            #expect(try metrics.expectTimer("postgresql_statement_seconds").values.count == 2)
            #expect(try metrics.expectCounter("postgresql_connects_total", [("outcome", "succeeded")]).totalValue == 1)
            #expect(try metrics.expectCounter("postgresql_errors_total", [("kind", "server")]).totalValue == 1)
            #expect(try metrics.expectGauge("postgresql_connections").lastValue == 1)
            let spans = tracer.finishedSpans
            #expect(spans.map(\.operationName) == ["SELECT", "SELECT"])
            #expect(spans.first?.attributes.get("db.query.text") == .string("select $1::int8"))
            #expect(spans.last?.attributes.get("db.response.status_code") == .string("42703"))
            #expect(spans.last?.errors.count == 1)
        }
    }
}
#endif
