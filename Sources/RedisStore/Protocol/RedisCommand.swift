import KeyConstructor
package import NIOCore

/// A command for a server: its name and its arguments.
package struct RedisCommand: Sendable, ExpressibleByArrayLiteral {
    /// A name, or an argument.
    package enum Argument: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral {
        case text(String)
        case integer(Int64)
        case bytes(ByteBuffer)

        package init(stringLiteral value: String) { self = .text(value) }
        package init(integerLiteral value: Int64) { self = .integer(value) }
    }

    private enum Content: Sendable {
        case arguments([Argument])
        case template(CommandTemplate, CacheKey)
    }

    private let content: Content

    package init(_ arguments: [Argument]) {
        content = .arguments(arguments)
    }

    package init(arrayLiteral arguments: Argument...) {
        content = .arguments(arguments)
    }

    /// Creates the command of a template for a key.
    init(_ template: CommandTemplate, key: CacheKey) {
        content = .template(template, key)
    }

    /// Writes the command as the protocol has it: an array of strings, whose bytes may be any.
    func write(to buffer: inout ByteBuffer) {
        switch content {
        case .template(let template, let key): template.write(key, to: &buffer)
        case .arguments(let arguments):
            Self.write(UInt8(ascii: "*"), arguments.count, to: &buffer)
            for argument in arguments { Self.write(argument, to: &buffer) }
        }
    }

    private static func write(_ argument: Argument, to buffer: inout ByteBuffer) {
        switch argument {
        case .text(let text):
            write(UInt8(ascii: "$"), text.utf8.count, to: &buffer)
            buffer.writeString(text)
        case .integer(let value):
            let text = String(value)
            write(UInt8(ascii: "$"), text.utf8.count, to: &buffer)
            buffer.writeString(text)
        case .bytes(let bytes):
            write(UInt8(ascii: "$"), bytes.readableBytes, to: &buffer)
            buffer.writeImmutableBuffer(bytes)
        }
        buffer.writeStaticString("\r\n")
    }

    private static func write(_ type: UInt8, _ count: Int, to buffer: inout ByteBuffer) {
        buffer.writeInteger(type)
        buffer.writeString(String(count))
        buffer.writeStaticString("\r\n")
    }

    /// About how many bytes the command takes.
    var sizeHint: Int {
        switch content {
        case .template(let template, _): template.byteCount
        case .arguments(let arguments): arguments.reduce(16) { $0 + $1.sizeHint }
        }
    }
}

extension RedisCommand.Argument {
    /// About how many bytes the argument takes.
    fileprivate var sizeHint: Int {
        switch self {
        case .text(let text): text.utf8.count + 16
        case .integer: 32
        case .bytes(let bytes): bytes.readableBytes + 16
        }
    }
}

extension RedisCommand: Equatable {
    /// Whether both are written as the same bytes.
    package static func == (left: RedisCommand, right: RedisCommand) -> Bool {
        var buffers = (ByteBuffer(), ByteBuffer())
        left.write(to: &buffers.0)
        right.write(to: &buffers.1)
        return buffers.0 == buffers.1
    }
}
