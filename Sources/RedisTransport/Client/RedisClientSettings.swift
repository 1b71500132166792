#if RedisTLS
public import NIOSSL
#endif

/// The settings of a ``RedisClient``.
public struct RedisClientSettings: Sendable {
    /// The number of connections. Default: 2.
    ///
    /// Each connection pipelines the commands of many tasks, so a few are enough. If requests run on event loops, use one connection for
    /// each event loop.
    public var connectionCount = 2

    /// The timeout for connecting, including the handshake. Default: 1 second.
    public var connectTimeout: Duration = .seconds(1)

    /// The timeout for a command. Default: 200 milliseconds.
    ///
    /// A command that times out fails, its connection is closed, and all connections of the client back off. A cache applies this
    /// timeout to all operations of one request together.
    public var commandTimeout: Duration = .milliseconds(200)

    /// The time after which an unused connection is closed. Default: 5 minutes.
    public var idleTimeout: Duration = .seconds(300)

    /// The interval between checks that a subscription still delivers messages. Default: 1 second.
    ///
    /// A check publishes a message, which takes ``commandTimeout`` at most, and expects to receive it within the same time.
    public var heartbeatInterval: Duration = .seconds(1)

    /// The maximum number of outstanding commands of a connection, sent or not. Further commands fail. Default: 4096.
    public var queueLimit = 4096

    /// The backoff delay after the first failure. It doubles with each further failure; up to half of it is subtracted at random.
    /// Default: 50 milliseconds.
    public var reconnectDelay: Duration = .milliseconds(50)

    /// The maximum backoff delay. Default: 2 seconds.
    public var maximumReconnectDelay: Duration = .seconds(2)

    #if RedisTLS
    /// The TLS configuration for `rediss://` URLs.
    ///
    /// By default the server's certificate is verified against the system's trust roots and the host name of the URL.
    public var tls = TLSConfiguration.makeClientConfiguration()
    #endif

    /// Creates settings with the default values.
    public init() {}

    /// The timeout after which a command fails: slightly less than ``commandTimeout``, to leave time for resuming the task.
    package var replyTimeout: Duration { commandTimeout * 0.9 }

    /// The final part of ``replyTimeout``, in which a reply that arrived while the event loop was blocked is still read.
    var deadlineGracePeriod: Duration { commandTimeout * 0.025 }

    /// Checks the ranges of the settings. An invalid setting is a programming error.
    func check() {
        precondition(connectionCount > 0, "connectionCount must be greater than 0, not \(connectionCount)")
        precondition(queueLimit > 0, "queueLimit must be greater than 0, not \(queueLimit)")
        let durations = [
            ("connectTimeout", connectTimeout), ("commandTimeout", commandTimeout), ("idleTimeout", idleTimeout),
            ("heartbeatInterval", heartbeatInterval), ("reconnectDelay", reconnectDelay),
            ("maximumReconnectDelay", maximumReconnectDelay),
        ]
        for (name, duration) in durations {
            precondition(duration > .zero, "\(name) must be greater than 0, not \(duration)")
        }
    }
}
