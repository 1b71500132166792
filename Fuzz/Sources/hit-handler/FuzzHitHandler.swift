import CacheMiddleware
import HTTPPipeline
import HummingbirdPipeline
import NIOCore
import NIOEmbedded

/// A hit that is never over.
private final class Hit: ReusableHit {
    var isOver: Bool { false }

    func use() -> HitUse { .usable(age: 1) }

    func count(_ requests: Int) {}
}

private let request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n"
private let head = ByteBuffer(string: "HTTP/1.1 200 OK\r\nAge: 1\r\nContent-Length: 2\r\n\r\n")
private let body = ByteBuffer(string: "ab")
private let runtime = CacheRuntime()

private func makeChannel() throws -> (EmbeddedChannel, HitHandler) {
    let channel = EmbeddedChannel()
    var settings = ChannelHitSettings()
    settings.responseLimit = 8
    let table = HitTable(ChannelHits(runtime: runtime, settings: settings), on: channel.embeddedEventLoop)
    let bytes = ByteBuffer(string: request)
    let response = ReusedResponse(
        to: (bytes, bytes.withUnsafeReadableBytes { HeadHash.hash($0) }), written: [head, body],
        recorded: .init(hit: Hit(), stamps: [], bodies: BodyVariants(of: body)), marksStatus: false)
    if let response { table.insert(response) }
    let handler = HitHandler(table)
    try channel.pipeline.syncOperations.addHandler(handler)
    return (channel, handler)
}

private func passedOn(_ channel: EmbeddedChannel) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while let buffer = try channel.readInbound(as: ByteBuffer.self) { bytes += buffer.readableBytesView }
    return bytes
}

private func answers(_ channel: EmbeddedChannel) throws -> Int {
    var count = 0
    while let data = try channel.readOutbound(as: IOData.self) { if data.readableBytes > 0 { count += 1 } }
    return count
}

/// The first byte determines the sizes of the reads. Every byte is part of a request that was answered, or is passed on in order, and
/// no request is answered while a response is outstanding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    guard count > 1 else { return 0 }
    var sizes = UInt64(bytes[0])
    let sent = Array(UnsafeBufferPointer(start: bytes + 1, count: min(count - 1, 4096)))
    let (channel, handler) = try! makeChannel()
    var position = 0
    var found: [UInt8] = []
    var isOutstanding = false
    while position < sent.count {
        sizes = sizes &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let size = min(sent.count - position, Int(sizes >> 58) + 1)
        _ = try! channel.writeInbound(ByteBuffer(bytes: sent[position..<position + size]))
        position += size
        let answered = try! answers(channel)
        precondition(answered == 0 || !isOutstanding, "answered while a response is outstanding")
        for _ in 0..<answered { found += request.utf8 }
        let passed = try! passedOn(channel)
        found += passed
        // A response ends only after exactly one request without a body was passed on.
        let isFirst = !isOutstanding
        if !passed.isEmpty { isOutstanding = true }
        if isFirst, passed.starts(with: "GET /b HTTP/1.1\r\n\r\n".utf8), passed.count == 19 {
            handler.responseEnded()
            isOutstanding = false
        }
    }
    channel.pipeline.fireChannelInactive()
    found += try! passedOn(channel)
    // An open channel would never be freed.
    _ = try? channel.finish(acceptAlreadyClosed: true)
    precondition(found == sent, "bytes were lost or reordered")
    return 0
}
