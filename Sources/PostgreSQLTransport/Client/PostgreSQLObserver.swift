#if PostgreSQL
import CoreMetrics
import Logging
import NIOCore
import Tracing

/// The metrics and spans of a client.
///
/// | metric | dimensions | description |
/// |---|---|---|
/// | `postgresql_connections` | | open connections of the pool |
/// | `postgresql_waiting` | | requests that wait for a connection |
/// | `postgresql_connects_total` | `outcome` | attempts to connect: succeeded, failed |
/// | `postgresql_statement_seconds` | | duration of statements, including the wait for a connection |
/// | `postgresql_errors_total` | `kind` | failed statements: server, unavailable, timeout, closed, refused |
///
/// Without metrics or a tracer in the process it measures nothing for them.
struct PostgreSQLObserver: Sendable {
    /// The server and the database, for logs.
    let metadata: Logger.Metadata
    private let metrics: PostgreSQLMetrics?
    private let tracer: (any Tracer)?
    private let database: String?
    private let host: String

    init(_ parameters: ConnectionParameters, _ settings: PostgreSQLClientSettings) {
        host = parameters.host
        database = parameters.database
        metadata = [
            "server": "\(parameters.host):\(parameters.port)", "database": "\(parameters.database ?? "")",
        ]
        metrics = settings.metrics is NOOPMetricsHandler ? nil : PostgreSQLMetrics(settings.metrics)
        tracer = settings.tracer is NoOpTracer ? nil : settings.tracer
    }

    func record(_ actions: PoolState.Actions) {
        guard let metrics, let counts = actions.counts else { return }
        metrics.connections.record(counts.connections)
        metrics.waiting.record(counts.waiting)
    }

    func recordConnect(failed: Bool) {
        if failed { metrics?.failedConnects.increment() } else { metrics?.connects.increment() }
    }

    /// Measures a statement.
    func measure<Value>(_ text: String, _ work: () async throws -> Value) async throws -> Value {
        guard metrics != nil || tracer != nil else { return try await work() }
        let start = NIODeadline.now()
        do {
            let value = try await traced(text, work)
            metrics?.statements.recordNanoseconds((NIODeadline.now() - start).nanoseconds)
            return value
        } catch {
            if let error = error as? PostgreSQLError { metrics?.errors[error.kind]?.increment() }
            metrics?.statements.recordNanoseconds((NIODeadline.now() - start).nanoseconds)
            throw error
        }
    }

    private func traced<Value>(_ text: String, _ work: () async throws -> Value) async throws -> Value {
        guard let tracer else { return try await work() }
        let command = String(text.drop(while: \.isWhitespace).prefix(while: \.isLetter).uppercased())
        return try await tracer.withAnySpan(command.isEmpty ? "postgresql" : command, ofKind: .client) { span in
            span.attributes["db.system.name"] = "postgresql"
            span.attributes["db.query.text"] = text
            span.attributes["server.address"] = host
            if let database { span.attributes["db.namespace"] = database }
            do {
                return try await work()
            } catch {
                if let state = (error as? PostgreSQLError)?.sqlState {
                    span.attributes["db.response.status_code"] = state
                }
                throw error
            }
        }
    }
}

/// The metrics of a client.
private final class PostgreSQLMetrics: Sendable {
    let connections: Gauge
    let waiting: Gauge
    let connects: Counter
    let failedConnects: Counter
    let statements: CoreMetrics.Timer
    let errors: [PostgreSQLError.Kind: Counter]

    init(_ factory: any MetricsFactory) {
        func counter(_ label: String, _ name: String, _ value: String) -> Counter {
            Counter(label: "postgresql_\(label)", dimensions: [(name, value)], factory: factory)
        }
        connections = Gauge(label: "postgresql_connections", factory: factory)
        waiting = Gauge(label: "postgresql_waiting", factory: factory)
        connects = counter("connects_total", "outcome", "succeeded")
        failedConnects = counter("connects_total", "outcome", "failed")
        statements = CoreMetrics.Timer(label: "postgresql_statement_seconds", factory: factory)
        let kinds: [PostgreSQLError.Kind] = [.server, .unavailable, .timeout, .closed, .refused]
        errors = Dictionary(uniqueKeysWithValues: kinds.map { ($0, counter("errors_total", "kind", "\($0)")) })
    }
}
#endif
