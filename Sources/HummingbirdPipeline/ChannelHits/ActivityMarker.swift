#if Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// Makes hits count as activity of a connection.
///
/// Hummingbird closes a connection when it has read no part of a request for some time, and does not see requests that are answered in
/// front of the decoder. The marker therefore gives Hummingbird's handler the end of a request. It is the last handler of the connection:
/// what Hummingbird's handler passes on from there is dropped, and no other part reaches the marker.
final class ActivityMarker: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    private let state: HTTPConnectionStateHandler
    private var context: ChannelHandlerContext?

    private init(_ state: HTTPConnectionStateHandler) {
        self.state = state
    }

    /// Adds the marker to a connection that has a ``HitHandler``.
    ///
    /// - Throws: The error of the channel, for example because it was closed.
    static func add(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        let marker = ActivityMarker(try pipeline.handler(type: HTTPConnectionStateHandler.self))
        try pipeline.addHandler(marker, position: .last)
        try pipeline.handler(type: HitHandler.self).onActivity = { [weak marker] in marker?.mark() }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Records activity.
    private func mark() {
        guard let context else { return }
        state.channelRead(context: context, data: wrapInboundOut(.end(nil)))
    }
}
#endif
