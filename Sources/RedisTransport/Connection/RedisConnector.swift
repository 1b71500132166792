import Logging
import NIOCore
import NIOPosix
import Synchronization

#if RedisTLS
import NIOSSL
#endif

/// Opens channels to one server and has the commands of the handshake.
struct RedisConnector: Sendable {
    let endpoint: RedisEndpoint
    let settings: RedisClientSettings
    let logger: Logger
    /// The commands that the client's users have added to the handshake.
    let handshakeCommands = HandshakeCommands()
    #if RedisTLS
    private let tls: NIOSSLContext?
    #endif

    /// Creates a connector.
    ///
    /// - Throws: ``RedisURLError`` if the path of the socket is too long, ``RedisError/tlsMissing`` if this build has no TLS, and any error
    ///   of NIOSSL for an invalid TLS configuration.
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

    /// The first commands on each connection: authentication, the database, the added commands, and a `PING`, which fails on a server
    /// that requires authentication or is loading its data.
    var handshake: [RedisCommand] {
        var commands: [RedisCommand] = []
        switch (endpoint.user, endpoint.password) {
        case (let user?, let password): commands.append(["AUTH", .text(user), .text(password ?? "")])
        case (nil, let password?): commands.append(["AUTH", .text(password)])
        case (nil, nil): break
        }
        if endpoint.database != 0 { commands.append(["SELECT", .integer(Int64(endpoint.database))]) }
        return commands + handshakeCommands.all + [["PING"]]
    }

    /// Opens a channel.
    ///
    /// - Parameters:
    ///   - eventLoop: The event loop of the channel.
    ///   - makeHandler: Creates the handler of the channel, on the event loop.
    /// - Returns: The connected channel.
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
    /// The host name to verify in the server's certificate, or nil to verify its IP address.
    private var hostname: String? {
        guard case .host(let host, let port) = endpoint.address,
            (try? SocketAddress(ipAddress: host, port: port)) == nil
        else { return nil }
        return host
    }
    #endif
}

/// The commands that a client's users add to the handshake of each connection.
final class HandshakeCommands: Sendable {
    private let state = Mutex<[RedisCommand]>([])

    /// The commands in the order in which they were added, without duplicates.
    var all: [RedisCommand] { state.withLock { $0 } }

    /// Adds a command unless it has been added before.
    func add(_ command: RedisCommand) {
        state.withLock { commands in
            if !commands.contains(command) { commands.append(command) }
        }
    }
}
