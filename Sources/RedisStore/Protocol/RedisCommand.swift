package import NIOCore

/// A command for a server: its name and its arguments.
package struct RedisCommand: Sendable, Hashable, ExpressibleByArrayLiteral {
    /// A name, or an argument.
    package enum Argument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case text(String)
        case integer(Int64)
        case bytes(ByteBuffer)

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int64) { self = .integer(value) }
    }

    package let arguments: [Argument]

    package init(_ arguments: [Argument]) {
        self.arguments = arguments
    }

    package init(arrayLiteral arguments: Argument...) {
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

    /// About how many bytes the command takes.
    var sizeHint: Int {
        arguments.reduce(16) { sum, argument in
            switch argument {
            case .text(let text): sum + text.utf8.count + 16
            case .integer: sum + 32
            case .bytes(let bytes): sum + bytes.readableBytes + 16
            }
        }
    }

    private static func write(_ type: UInt8, _ count: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(type)
        buffer.writeString(String(count))
        buffer.writeStaticString("\r\n")
    }
}
