#if PostgreSQL
public import CoreMetrics
public import Logging
public import Tracing

/// The settings of a ``PostgreSQLClient``.
public struct PostgreSQLClientSettings: Sendable {
    /// The maximum number of connections of the pool. Default: 8.
    ///
    /// The listening connection is not one of them. The sum over all processes, plus one listening connection each, must be below the
    /// server's `max_connections`.
    public var maximumConnections = 8

    /// The maximum number of requests that wait for a connection. Further requests fail. Default: 1024.
    public var waitingLimit = 1024

    /// The timeout for waiting for a connection. Default: 5 seconds.
    public var waitingTimeout: Duration = .seconds(5)

    /// The timeout for connecting, including authentication. Default: 5 seconds.
    public var connectTimeout: Duration = .seconds(5)

    /// The timeout of a statement, which the server enforces (`statement_timeout`). Default: 30 seconds.
    public var statementTimeout: Duration = .seconds(30)

    /// The time that a transaction may wait for its next statement (`idle_in_transaction_session_timeout`). Default: 60 seconds.
    ///
    /// Then the server ends the connection, so that a process that is suspended does not keep its locks.
    public var idleTransactionTimeout: Duration = .seconds(60)

    /// The time after ``statementTimeout`` at which a statement without a reply fails and its connection is closed, because the server or
    /// the network does not respond. Default: 5 seconds.
    ///
    /// It also bounds the wait for the end of a statement whose task was cancelled.
    public var replyMargin: Duration = .seconds(5)

    /// The time after which an unused connection is closed. Default: 5 minutes.
    public var idleTimeout: Duration = .seconds(300)

    /// The age at which a connection is closed when it is not in use. Up to a tenth is subtracted at random. Default: 1 hour.
    public var maximumLifetime: Duration = .seconds(3600)

    /// The maximum number of prepared statements of a connection. Default: 256.
    ///
    /// A statement is prepared when its text is executed a second time on a connection. 0 prepares none, which a connection pooler that
    /// shares connections between transactions requires.
    public var statementCacheSize = 256

    /// The backoff delay after the first failed attempt to connect. It doubles with each further failure; up to half of it is subtracted
    /// at random. Default: 50 milliseconds.
    public var reconnectDelay: Duration = .milliseconds(50)

    /// The maximum backoff delay. Default: 5 seconds.
    public var maximumReconnectDelay: Duration = .seconds(5)

    /// The time of failed attempts to connect after which requests fail at once, until an attempt succeeds. Default: 5 seconds.
    ///
    /// Before, requests wait, up to ``waitingTimeout``: a restart of the server takes a second or two. Attempts continue in the background. A
    /// server that rejects the connection, for example because of a wrong password, makes requests fail at once after the first attempt.
    public var outageDelay: Duration = .seconds(5)

    /// The interval between checks that the listening connection is alive. Default: 5 seconds.
    public var listenerCheckInterval: Duration = .seconds(5)

    /// The maximum number of notifications that a consumer has not received yet. Older ones are discarded and replaced by one nil.
    /// Default: 1024.
    public var notificationLimit = 1024

    /// Receives the text of each statement before it is executed, without the values of its parameters; nil for no one.
    public var onStatement: (@Sendable (_ text: String) -> Void)?

    /// Receives failures at level warning and reconnections at level info.
    public var logger = Logger(label: "postgresql")

    /// Receives the metrics. That of the process by default.
    public var metrics: any MetricsFactory = MetricsSystem.factory

    /// Receives one span for each statement. That of the process by default.
    public var tracer: any Tracer = InstrumentationSystem.tracer

    /// Creates settings with the default values.
    public init() {}

    /// Checks the ranges of the settings. An invalid setting is a programming error.
    func check() {
        let counts = [
            ("maximumConnections", maximumConnections), ("waitingLimit", waitingLimit),
            ("notificationLimit", notificationLimit),
        ]
        for (name, count) in counts { precondition(count > 0, "\(name) must be greater than 0, not \(count)") }
        precondition(outageDelay >= .zero, "outageDelay must not be negative, not \(outageDelay)")
        precondition(statementCacheSize >= 0, "statementCacheSize must not be negative, not \(statementCacheSize)")
        let durations = [
            ("waitingTimeout", waitingTimeout), ("connectTimeout", connectTimeout),
            ("statementTimeout", statementTimeout), ("idleTransactionTimeout", idleTransactionTimeout),
            ("replyMargin", replyMargin), ("idleTimeout", idleTimeout), ("maximumLifetime", maximumLifetime),
            ("reconnectDelay", reconnectDelay), ("maximumReconnectDelay", maximumReconnectDelay),
            ("listenerCheckInterval", listenerCheckInterval),
        ]
        for (name, duration) in durations {
            precondition(duration > .zero, "\(name) must be greater than 0, not \(duration)")
        }
    }
}
#endif
