import Logging
import NIOCore
import NIOPosix

#if RedisTLS
import NIOSSL
#endif

/// Makes connections to one server, with what it takes to be let in.
struct RedisConnector: Sendable {
    let endpoint: RedisEndpoint
    let settings: RedisClientSettings
    let logger: Logger
    /// What the stores add to the greeting.
    let stores = SharedGreeting()
    #if RedisTLS
    private let tls: NIOSSLContext?
    #endif

    /// Creates a connector.
    ///
    /// - Throws: ``RedisURLError`` when the path of the socket is too long, ``RedisError`` when there is no TLS in this build, or what NIOSSL throws for settings that it cannot use.
    init(_ endpoint: RedisEndpoint, settings: RedisClientSettings, logger: Logger) throws {
        try endpoint.checkSocketLength()
        self.endpoint = endpoint
        self.settings = settings
        self.logger = logger
        #if RedisTLS
        tls = endpoint.usesTLS ? try NIOSSLContext(configuration: settings.tls) : nil
        #else
        guard !endpoint.usesTLS else { throw RedisError.tlsMissing }
        #endif
    }

    /// What a connection begins with: password and database, what the stores add, and a question that any server answers which can be
    /// used.
    var greeting: [RedisCommand] {
        var commands: [RedisCommand] = []
        switch (endpoint.user, endpoint.password) {
        case (let user?, let password): commands.append(["AUTH", .text(user), .text(password ?? "")])
        case (nil, let password?): commands.append(["AUTH", .text(password)])
        case (nil, nil): break
        }
        if endpoint.database != 0 { commands.append(["SELECT", .integer(Int64(endpoint.database))]) }
        return commands + stores.commands + [["PING"]]
    }

    /// Connects.
    ///
    /// - Parameters:
    ///   - eventLoop: Where the connection lives.
    ///   - makeHandler: Makes what reads the replies, on the event loop.
    /// - Returns: The channel.
    func connect(
        on eventLoop: any EventLoop, makeHandler: @escaping @Sendable () -> RedisChannelHandler
    ) -> EventLoopFuture<any Channel> {
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(settings.connectTimeout))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    #if RedisTLS
                    if let tls { try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: hostname)) }
                    #endif
                    try pipeline.addHandler(makeHandler())
                }
            }
        return switch endpoint.address {
        case .host(let host, let port): bootstrap.connect(host: host, port: port)
        case .unixSocket(let path): bootstrap.connect(unixDomainSocketPath: path)
        }
    }

    #if RedisTLS
    /// The name that the server's certificate has to be for; nil is its address.
    private var hostname: String? {
        guard case .host(let host, let port) = endpoint.address,
            (try? SocketAddress(ipAddress: host, port: port)) == nil
        else { return nil }
        return host
    }
    #endif
}
