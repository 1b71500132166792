import NIOCore
import Testing

@testable import RedisStore

@Suite struct RedisCommandTests {
    @Test func `A command is an array of strings of any bytes`() {
        let command: RedisCommand = ["SET", "caf\u{E9}", .bytes(ByteBuffer(bytes: [13, 10, 0])), "PX", -5]
        var buffer = ByteBuffer()
        command.write(to: &buffer)
        let expected = "*5\r\n$3\r\nSET\r\n$5\r\ncaf\u{E9}\r\n$3\r\n\r\n\0\r\n$2\r\nPX\r\n$2\r\n-5\r\n"
        #expect(String(buffer: buffer) == expected)
    }
}
