import CacheMiddleware
import KeyConstructor
import NIOCore

/// What one instance tells the others: that entries are not what they were.
struct StoreChange: Hashable {
    let selection: PurgeSelection
    let mode: PurgeMode

    /// The bytes of the message: a letter for the mode and one for the kind of selection, and what is selected.
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

    /// The message of an instance to itself.
    static func heartbeat(_ number: UInt64) -> ByteBuffer {
        var buffer = ByteBuffer(string: "b")
        buffer.writeInteger(number)
        return buffer
    }

    /// The number of a message of an instance to itself; nil for any other message.
    static func heartbeat(of bytes: ByteBuffer) -> UInt64? {
        guard bytes.readableBytes == 9, bytes.getString(at: bytes.readerIndex, length: 1) == "b" else { return nil }
        return bytes.getInteger(at: bytes.readerIndex + 1)
    }

    init(selection: PurgeSelection, mode: PurgeMode) {
        self.selection = selection
        self.mode = mode
    }

    /// Reads a message; nil when it is none.
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
