#if Hummingbird
import HTTPPipeline
package import NIOCore

/// Answers requests of one connection whose bytes are those of an earlier hit, in front of the HTTP/1 decoder.
///
/// It follows where heads and bodies begin, so that it knows when the connection is between two requests: the decoder has no byte of
/// an unfinished request, and no response is outstanding. Only then does it answer. An incomplete head at that point stays here, as it
/// would in the decoder. Anything irregular hands the rest of the connection over to the framework.
package final class HitHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = IOData
    package typealias OutboundOut = IOData

    /// The recorder of the connection's requests.
    let recorder = HitRecorder()
    /// Called after requests were answered, for what observes the connection further in.
    var onActivity: (() -> Void)?

    let table: HitTable
    // Accesses to the properties are short, so they never overlap. Checks of that would cost each request.
    /// Whether the framework handles the rest of the connection.
    @exclusivity(unchecked) private var isHandedOver = false
    /// The number of requests that the framework has and that have no complete response.
    @exclusivity(unchecked) var outstanding = 0
    /// The number of bytes of a body that are still to come.
    @exclusivity(unchecked) private var bodyLength = 0
    /// An incomplete head.
    @exclusivity(unchecked) private var held: ByteBuffer?
    /// The number of bytes of the incomplete head that contain no end.
    @exclusivity(unchecked) private var searched = 0
    /// The hash of the last head that was looked up.
    @exclusivity(unchecked) private(set) var lastHash: UInt64 = 0
    @exclusivity(unchecked) private var hasWritten = false
    /// Whether any request was answered here.
    @exclusivity(unchecked) private var hasAnswered = false
    @exclusivity(unchecked) private var hasPassedOn = false
    @exclusivity(unchecked) var recording: Recording?

    /// Creates the handler of a connection.
    ///
    /// - Parameter table: The responses of its event loop.
    package init(_ table: HitTable) {
        self.table = table
    }

    // MARK: Inbound

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isHandedOver else {
            hasPassedOn = true
            if let held {
                self.held = nil
                context.fireChannelRead(wrapInboundOut(held))
            }
            return context.fireChannelRead(data)
        }
        var buffer = unwrapInboundIn(data)
        if var held {
            self.held = nil
            held.writeBuffer(&buffer)
            return process(held, context)
        }
        guard outstanding == 0, bodyLength == 0 else { return process(buffer, context) }
        let length = answer(buffer, from: 0, context)
        guard length == 0 else {
            buffer.moveReaderIndex(forwardBy: length)
            return process(buffer, context)
        }
        // Mostly it is exactly one request, which is passed on as it came.
        guard case .head(let head) = scan(buffer), head.length == buffer.readableBytes, head.bodyLength == 0 else {
            return process(buffer, context)
        }
        begin(head, of: buffer)
        outstanding = 1
        hasPassedOn = true
        context.fireChannelRead(data)
    }

    private func scan(_ buffer: ByteBuffer) -> HeadBytes.Scan {
        buffer.withUnsafeReadableBytes { HeadBytes.scan($0, credentials: table.credentials) }
    }

    /// Answers or passes on the requests in a buffer.
    private func process(_ original: ByteBuffer, _ context: ChannelHandlerContext) {
        var buffer = original
        var searched = searched
        self.searched = 0
        // The end of the bytes from `original.readerIndex` on that are passed on.
        var passed = buffer.readerIndex
        func passOn(upTo end: Int) {
            guard end > passed else { return }
            hasPassedOn = true
            let slice = original.getSlice(at: passed, length: end - passed) ?? ByteBuffer()
            passed = end
            context.fireChannelRead(wrapInboundOut(slice))
        }
        while buffer.readableBytes > 0, !isHandedOver {
            if bodyLength > 0 {
                let count = min(bodyLength, buffer.readableBytes)
                bodyLength -= count
                buffer.moveReaderIndex(forwardBy: count)
                continue
            }
            if outstanding == 0 {
                // The framework first receives what precedes, and may respond to it at once.
                passOn(upTo: buffer.readerIndex)
                let length = answer(buffer, from: searched, context)
                searched = 0
                if length > 0 {
                    buffer.moveReaderIndex(forwardBy: length)
                    passed = buffer.readerIndex
                    continue
                }
            }
            let start = buffer.readerIndex
            switch scan(buffer) {
            case .irregular: isHandedOver = true
            case .incomplete:
                guard buffer.readableBytes <= table.settings.headLimit else {
                    isHandedOver = true
                    break
                }
                passOn(upTo: start)
                self.searched = buffer.readableBytes
                held = buffer.slice()
                return
            case .head(let head):
                begin(head, of: buffer)
                buffer.moveReaderIndex(forwardBy: head.length)
                outstanding += 1
                bodyLength = head.bodyLength
            }
        }
        passOn(upTo: original.writerIndex)
    }

    /// Answers the first request of a buffer.
    ///
    /// - Parameters:
    ///   - buffer: The bytes.
    ///   - searched: The number of bytes that contain no end of a head.
    ///   - context: The context of the handler.
    /// - Returns: The length of its head, or 0 if it was not answered.
    private func answer(_ buffer: ByteBuffer, from searched: Int, _ context: ChannelHandlerContext) -> Int {
        let (length, slot) = buffer.withUnsafeReadableBytes { bytes -> (Int, Int) in
            let end = HeadBytes.end(in: bytes, from: searched)
            guard end > 0, end <= table.settings.headLimit else { return (0, -1) }
            let head = UnsafeRawBufferPointer(rebasing: bytes[..<end])
            lastHash = HeadHash.hash(head)
            return (end, table.slot(of: head, hash: lastHash))
        }
        guard slot >= 0 else { return 0 }
        guard isWritable(context) else {
            table.refused(.unwritable)
            return 0
        }
        guard let (response, age) = table.use(slot) else { return 0 }
        table.clock.update()
        let head = response.head(age: age, at: table.clock)
        context.write(wrapOutboundOut(.byteBuffer(head)), promise: nil)
        if let body = response.body { context.write(wrapOutboundOut(.byteBuffer(body)), promise: nil) }
        (hasWritten, hasAnswered) = (true, true)
        table.answered(response)
        if let onHit = table.settings.onHit {
            let count = head.readableBytes + (response.body?.readableBytes ?? 0)
            onHit(
                ChannelHit(
                    requestHead: response.request, status: response.status, byteCount: count, channel: context.channel))
        }
        return length
    }

    /// Returns whether the client reads its responses.
    private func isWritable(_ context: ChannelHandlerContext) -> Bool {
        if context.channel.isWritable { return true }
        guard hasWritten else { return false }
        context.flush()
        return context.channel.isWritable
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if hasWritten {
            hasWritten = false
            context.flush()
            // Not while the framework reads a request, whose end this would be for its timeout.
            if outstanding == 0, bodyLength == 0 { onActivity?() }
        }
        // What is further in has read nothing if every request was answered here.
        guard hasPassedOn else { return }
        hasPassedOn = false
        context.fireChannelReadComplete()
    }

    /// Hands the connection over, with the bytes of an incomplete head.
    private func handOver(_ context: ChannelHandlerContext) {
        isHandedOver = true
        guard let held else { return }
        self.held = nil
        context.fireChannelRead(wrapInboundOut(held))
        context.fireChannelReadComplete()
    }

    /// Stops answering: the framework found an error, or the connection closes.
    func stop() {
        isHandedOver = true
        recording = nil
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case is ChannelShouldQuiesceEvent:
            handOver(context)
            // A connection that is still being set up must close at once: the server would drop it later, which ends the process.
            guard hasAnswered else { return context.fireUserInboundEventTriggered(event) }
            shutDown(event, context)
        case ChannelEvent.inputClosed:
            handOver(context)
            context.fireUserInboundEventTriggered(event)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    /// The time that a client has to read its responses before the connection is closed.
    static let shutdownLimit = TimeAmount.seconds(5)

    /// Passes a shutdown on once responses were sent: the framework closes a connection without requests, which would discard them.
    private func shutDown(_ event: Any, _ context: ChannelHandlerContext) {
        let eventLoop = context.eventLoop
        let ended = eventLoop.makePromise(of: Void.self)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer()))).whenComplete { _ in ended.succeed() }
        let limit = eventLoop.scheduleTask(in: Self.shutdownLimit) { ended.succeed() }
        let bound = NIOLoopBound((context, event), eventLoop: eventLoop)
        ended.futureResult.whenComplete { _ in
            limit.cancel()
            let (context, event) = bound.value
            context.fireUserInboundEventTriggered(event)
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        handOver(context)
        context.fireChannelInactive()
    }

    // MARK: Outbound

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if recording != nil { record(unwrapOutboundIn(data)) }
        context.write(data, promise: promise)
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        stop()
        context.close(mode: mode, promise: promise)
    }
}
#endif
