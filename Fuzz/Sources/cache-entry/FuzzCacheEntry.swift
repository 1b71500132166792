import CacheMiddleware
import KeyConstructor
import NIOCore

/// A decoded entry is encoded to the same bytes. The input is decoded as it is, and as content of an entry without protection:
/// libFuzzer cannot find valid checksums.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let input = UnsafeBufferPointer(start: bytes, count: count)
    // The header contains the key of the entry.
    let header = input.prefix(32)
    let words = (0..<2).map { word in
        header.dropFirst(16 + 8 * word).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }
    let key = CacheKey(high: words[0], low: words[1])
    check(ByteBuffer(bytes: input), key, EntryCoder())
    check(ByteBuffer(bytes: input), key, EntryCoder(seal: OpenSeal()))

    let content = input.dropFirst(32)
    var buffer = ByteBuffer(bytes: [0xF5, 0x53, 0x52, 0x43, 1, 0, 0xFF, 0xFF])
    buffer.writeInteger(UInt64(content.count), endianness: .little)
    buffer.writeInteger(key.high)
    buffer.writeInteger(key.low)
    buffer.writeBytes(content)
    check(buffer, key, EntryCoder(seal: OpenSeal()))
    return 0
}

private func check(_ buffer: ByteBuffer, _ key: CacheKey, _ coder: EntryCoder) {
    guard let entry = try? coder.decode(buffer, for: key) else { return }
    precondition((try? coder.encode(entry, for: key)) == buffer)
    precondition((try? coder.decode(buffer, for: key)) == entry)
    precondition((try? coder.decode(buffer, for: CacheKey(high: key.high, low: ~key.low))) == nil)
}

/// A seal without protection.
private struct OpenSeal: EntrySeal {
    var identifier: UInt16 { 0xFFFF }
    func seal(_ content: ByteBuffer, authenticating header: ByteBuffer) -> ByteBuffer { content }
    func open(_ sealed: ByteBuffer, authenticating header: ByteBuffer) -> ByteBuffer { sealed }
}
