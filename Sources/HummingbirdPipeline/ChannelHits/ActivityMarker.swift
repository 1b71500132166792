#if Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// Makes hits count as activity of a connection.
///
/// Hummingbird closes a connection when it has read no part of a request for some time, and does not see requests that are answered in
/// front of the decoder. The marker therefore reads the end of a request in front of Hummingbird's handler, and a second handler
/// behind it drops that part.
final class ActivityMarker: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart

    /// Drops the part that the marker has read.
    private final class Filter: ChannelInboundHandler, RemovableChannelHandler {
        typealias InboundIn = HTTPRequestPart
        var isDropping = false

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            if !isDropping { context.fireChannelRead(data) }
        }
    }

    private let filter = Filter()
    private var context: ChannelHandlerContext?

    /// Adds the handlers to a connection that has a ``HitHandler``.
    ///
    /// - Throws: The error of the channel, for example because it was closed.
    static func add(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        let state = try pipeline.handler(type: HTTPConnectionStateHandler.self)
        let marker = ActivityMarker()
        try pipeline.addHandler(marker, position: .before(state))
        try pipeline.addHandler(marker.filter, position: .after(state))
        try pipeline.handler(type: HitHandler.self).onActivity = { [weak marker] in marker?.mark() }
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    /// Records activity.
    private func mark() {
        filter.isDropping = true
        context?.fireChannelRead(wrapInboundOut(.end(nil)))
        filter.isDropping = false
    }
}
#endif
