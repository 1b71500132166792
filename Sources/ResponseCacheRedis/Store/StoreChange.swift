import CacheMiddleware
import KeyConstructor
import NIOCore

/// A message that invalidates entries in the memory of other instances.
struct StoreChange: Hashable {
    let selection: PurgeSelection
    let mode: PurgeMode

    /// The encoded message: a letter for the mode, a letter for the kind of selection, and the selected key or text.
    var encoded: ByteBuffer {
        var buffer = ByteBuffer(string: mode == .hard ? "h" : "s")
        switch selection {
        case .key(let key):
            buffer.writeString("k")
            buffer.writeMultipleIntegers(key.high, key.low)
        case .tag(let tag): buffer.writeString("t" + tag)
        case .url(let url): buffer.writeString("u" + url)
        case .prefix(let path): buffer.writeString("p" + path)
        case .everything: buffer.writeString("e")
        }
        return buffer
    }

    /// Returns an encoded heartbeat, which an instance publishes to itself.
    static func heartbeat(_ number: UInt64) -> ByteBuffer {
        var buffer = ByteBuffer(string: "b")
        buffer.writeInteger(number)
        return buffer
    }

    /// Returns the number of a heartbeat, or nil for any other message.
    static func heartbeat(of bytes: ByteBuffer) -> UInt64? {
        guard bytes.readableBytes == 9, bytes.getString(at: bytes.readerIndex, length: 1) == "b" else { return nil }
        return bytes.getInteger(at: bytes.readerIndex + 1)
    }

    init(selection: PurgeSelection, mode: PurgeMode) {
        self.selection = selection
        self.mode = mode
    }

    /// Decodes a message. Returns nil if it is malformed.
    init?(_ bytes: ByteBuffer) {
        var bytes = bytes
        guard let letter = bytes.readString(length: 1),
            let mode: PurgeMode = letter == "h" ? .hard : letter == "s" ? .soft : nil,
            let kind = bytes.readString(length: 1)
        else { return nil }
        let text = String(buffer: bytes)
        let selection: PurgeSelection
        switch kind {
        case "k":
            guard bytes.readableBytes == 16, let (high, low) = bytes.readMultipleIntegers(as: (UInt64, UInt64).self)
            else { return nil }
            selection = .key(CacheKey(high: high, low: low))
        case "t": selection = .tag(text)
        case "u": selection = .url(text)
        case "p": selection = .prefix(text)
        case "e": selection = .everything
        default: return nil
        }
        self.init(selection: selection, mode: mode)
    }
}
