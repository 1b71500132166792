#if RedisTLS
public import NIOSSL
#endif

/// How a ``RedisClient`` behaves towards its server.
public struct RedisClientSettings: Sendable {
    /// The number of connections. Each sends the commands of many tasks without waiting for replies in between, so a few are enough;
    /// where requests run on event loops, as many as there are event loops, so that each finds one where it runs. 2 by default.
    public var connectionCount = 2

    /// How long it may take until a connection is there and the server has answered on it. 1 second by default.
    public var connectTimeout: Duration = .seconds(1)

    /// How long a command may wait for its reply. Longer, and the command fails, its connection is closed, and the server is left
    /// alone until it answers again. A cache waits no longer than that for all that it asks for one request. 200 ms by default.
    public var commandTimeout: Duration = .milliseconds(200)

    /// After which time a connection is closed on which nothing happens. 5 minutes by default.
    public var idleTimeout: Duration = .seconds(300)

    /// How often a ``TieredStore`` tests that it hears the others: it publishes to itself, which takes ``commandTimeout`` at most, and
    /// has to hear it within as much again. 1 second by default.
    public var heartbeatInterval: Duration = .seconds(1)

    /// How many commands of one connection may wait, to be sent or answered. More are refused. 4096 by default.
    public var queueLimit = 4096

    /// The pause after the first failure to connect; it doubles with each further one, and a random part of up to half is taken off.
    /// 50 ms by default.
    public var reconnectDelay: Duration = .milliseconds(50)

    /// The longest pause between attempts to connect. 2 seconds by default.
    public var maximumReconnectDelay: Duration = .seconds(2)

    #if RedisTLS
    /// What a server has to prove, and what is shown to it, where the URL begins with `rediss://`. The certificate is checked against
    /// the system's authorities and the name in the URL by default.
    public var tls = TLSConfiguration.makeClientConfiguration()
    #endif

    /// Creates the settings that are right by default.
    public init() {}

    /// When a command is given up: a little earlier than is allowed, because who waits has to be woken up within that time.
    var replyTimeout: Duration { commandTimeout * 0.9 }

    /// How long the server is waited for then that seems to be late, within that time.
    var secondLookDelay: Duration { commandTimeout * 0.025 }

    /// Ends the program when a setting makes no sense, naming it and what was expected.
    func check() {
        precondition(connectionCount > 0, "connectionCount is a number above 0, not \(connectionCount)")
        precondition(queueLimit > 0, "queueLimit is a number above 0, not \(queueLimit)")
        let durations = [
            ("connectTimeout", connectTimeout), ("commandTimeout", commandTimeout), ("idleTimeout", idleTimeout),
            ("heartbeatInterval", heartbeatInterval), ("reconnectDelay", reconnectDelay),
            ("maximumReconnectDelay", maximumReconnectDelay),
        ]
        for (name, duration) in durations {
            precondition(duration > .zero, "\(name) is a duration above 0, not \(duration)")
        }
    }
}
