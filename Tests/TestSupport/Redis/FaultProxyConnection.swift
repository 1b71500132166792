import NIOCore
import NIOPosix

/// The connection of one client to the server through the proxy, on the event loop of the client.
final class FaultProxyConnection {
    private let client: any Channel
    private let state: FaultProxyState
    private var server: (any Channel)?
    /// Delayed replies in order; `nil` is the end.
    private var replies: [ByteBuffer?] = []
    private var due = NIODeadline.now()
    private var hasEnded = false
    private var hasLost = false
    private var passed = (bytes: 0, number: 0)

    private init(client: any Channel, state: FaultProxyState) {
        self.client = client
        self.state = state
    }

    /// Connects to the server and forwards data.
    static func open(from client: any Channel, state: FaultProxyState) -> EventLoopFuture<Void> {
        let connection = NIOLoopBound(
            FaultProxyConnection(client: client, state: state), eventLoop: client.eventLoop)
        return ClientBootstrap(group: client.eventLoop)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(FaultProxyHandler(connection.value, .server))
                }
            }
            .connect(host: "127.0.0.1", port: state.port)
            .map(Optional.some)
            .flatMapErrorThrowing { error in
                switch state.mode.mode {
                case .drop, .garbage: return nil
                case .pass, .delay, .cutAfter: throw error
                }
            }
            .flatMapThrowing { try connection.value.begin(with: $0) }
    }

    private func begin(with server: (any Channel)?) throws {
        self.server = server
        try client.pipeline.syncOperations.addHandler(FaultProxyHandler(self, .client))
        guard state.add(client) else {
            server?.close(promise: nil)
            throw ChannelError.ioOnClosedChannel
        }
    }

    /// Handles data from the client.
    func receivedRequest(_ piece: ByteBuffer) {
        switch state.mode.mode {
        case .pass, .delay, .cutAfter:
            guard let server, !hasLost else { return client.close(promise: nil) }
            server.writeAndFlush(piece, promise: nil)
        case .drop:
            hasLost = true
        case .garbage(let text):
            deliver(ByteBuffer(string: text))
        }
    }

    /// Handles data from the server, or `nil` for its end.
    func receivedReply(_ piece: ByteBuffer?) {
        let mode = state.mode
        if piece == nil { server = nil }
        switch mode.mode {
        case .pass where !hasLost:
            deliver(piece)
        case .delay(let delay) where !hasLost:
            deliver(piece, after: TimeAmount(delay))
        case .cutAfter(let limit) where !hasLost:
            if passed.number != mode.number { passed = (0, mode.number) }
            deliver(piece, upTo: limit)
        case .pass, .delay, .cutAfter:
            deliver(nil)
        case .drop:
            hasLost = true
        case .garbage(let text):
            if piece != nil { deliver(ByteBuffer(string: text)) }
        }
    }

    /// Closes the server's side when the client has closed.
    func clientClosed() {
        state.remove(client)
        hasEnded = true
        replies = []
        server?.close(promise: nil)
    }

    /// Sends data to the client up to the remaining limit, and then the end.
    private func deliver(_ piece: ByteBuffer?, upTo limit: Int) {
        if var piece, let part = piece.readSlice(length: min(piece.readableBytes, limit - passed.bytes)) {
            passed.bytes += part.readableBytes
            deliver(part)
            if passed.bytes < limit { return }
        }
        deliver(nil)
    }

    /// Sends data to the client after all earlier data and when its delay has passed.
    private func deliver(_ piece: ByteBuffer?, after delay: TimeAmount = .zero) {
        guard !hasEnded else { return }
        hasEnded = piece == nil
        replies.append(piece)
        due = max(due, .now() + delay)
        if replies.count == 1, delay == .zero {
            deliverNext()
        } else {
            client.eventLoop.assumeIsolated().scheduleTask(deadline: due) { self.deliverNext() }
        }
    }

    private func deliverNext() {
        guard !replies.isEmpty else { return }
        if let piece = replies.removeFirst() {
            client.writeAndFlush(piece, promise: nil)
        } else {
            // An empty write completes after the writes before it.
            client.writeAndFlush(ByteBuffer()).whenComplete { [client] _ in client.close(promise: nil) }
        }
    }
}
