import NIOCore

/// A command for a server: its name and its arguments.
struct RedisCommand: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// A name, or an argument.
    enum Argument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case text(String)
        case integer(Int64)
        case bytes(ByteBuffer)

        init(stringLiteral value: String) { self = .text(value) }
        init(integerLiteral value: Int64) { self = .integer(value) }
    }

    let arguments: [Argument]

    init(_ arguments: [Argument]) {
        self.arguments = arguments
    }

    init(arrayLiteral arguments: Argument...) {
        self.arguments = arguments
    }

    /// Writes the command as the protocol has it: an array of strings, whose bytes may be any.
    func write(to buffer: inout ByteBuffer) {
        Self.write(UInt8(ascii: "*"), arguments.count, to: &buffer)
        for argument in arguments {
            switch argument {
            case .text(let text):
                Self.write(UInt8(ascii: "$"), text.utf8.count, to: &buffer)
                buffer.writeString(text)
            case .integer(let value):
                let text = String(value)
                Self.write(UInt8(ascii: "$"), text.utf8.count, to: &buffer)
                buffer.writeString(text)
            case .bytes(let bytes):
                Self.write(UInt8(ascii: "$"), bytes.readableBytes, to: &buffer)
                buffer.writeImmutableBuffer(bytes)
            }
            buffer.writeStaticString("\r\n")
        }
    }

    private static func write(_ type: UInt8, _ count: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(type)
        buffer.writeString(String(count))
        buffer.writeStaticString("\r\n")
    }
}
