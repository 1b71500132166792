import NIOCore
import Testing

@testable import RedisTransport

@Suite struct RedisCommandTests {
    @Test func `A command is encoded as an array of bulk strings`() {
        let command: RedisCommand = ["SET", "caf\u{E9}", .bytes(ByteBuffer(bytes: [13, 10, 0])), "PX", -5]
        var buffer = ByteBuffer()
        command.write(to: &buffer)
        let expected = "*5\r\n$3\r\nSET\r\n$5\r\ncaf\u{E9}\r\n$3\r\n\r\n\0\r\n$2\r\nPX\r\n$2\r\n-5\r\n"
        #expect(String(buffer: buffer) == expected)
    }

    @Test(arguments: [0, 1, 9, 10, 99, 100, 12_345, 1_000_000])
    func `An argument is preceded by its length`(length: Int) {
        let text = String(repeating: "x", count: length)
        for argument in [RedisCommand.Argument.text(text), .bytes(ByteBuffer(string: text))] {
            let command = RedisCommand([argument])
            var buffer = ByteBuffer(string: "before ")
            command.write(to: &buffer)
            #expect(String(buffer: buffer) == "before *1\r\n$\(length)\r\n\(text)\r\n")
        }
    }

    @Test func `The smallest integer is encoded`() {
        let command: RedisCommand = [.integer(.min)]
        var buffer = ByteBuffer()
        command.write(to: &buffer)
        #expect(String(buffer: buffer) == "*1\r\n$20\r\n-9223372036854775808\r\n")
    }

    @Test(arguments: [0, 9, 10, 100, 1000])
    func `A command is preceded by its number of arguments`(count: Int) {
        var buffer = ByteBuffer()
        RedisCommand(Array(repeating: .text(""), count: count)).write(to: &buffer)
        #expect(String(buffer: buffer) == "*\(count)\r\n" + String(repeating: "$0\r\n\r\n", count: count))
    }

    @Test func `A template is encoded like the full command`() {
        let template = CommandTemplate(["MGET"], prefix: "p:entry:", after: ["p:clock"])
        let command = RedisCommand(template, high: 0x0123_4567_89AB_CDEF, low: 7)
        #expect(command == ["MGET", "p:entry:0123456789abcdef0000000000000007", "p:clock"])
    }
}
