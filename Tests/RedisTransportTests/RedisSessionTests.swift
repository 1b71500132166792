import NIOCore
import Testing

@testable import RedisTransport

@Suite struct RedisSessionTests {
    static let ping: [RedisCommand] = [["PING"]]

    /// A session with a complete handshake.
    static func ready(isSubscriber: Bool = false) -> RedisSession<Int> {
        var session = RedisSession<Int>(handshake: ping, isSubscriber: isSubscriber)
        _ = session.connected()
        _ = session.received(.status("PONG"))
        return session
    }

    @Test func `Replies complete the commands in order`() {
        var session = Self.ready()
        for token in 0..<3 { #expect(session.send(token) == .write) }
        for token in 0..<3 {
            #expect(session.oldestAwaiting == token)
            guard case .reply(token, .integer(Int64(token))) = session.received(.integer(Int64(token))) else {
                Issue.record("unexpected action for reply \(token)")
                return
            }
        }
        #expect(session.oldestAwaiting == nil)
    }

    @Test func `Commands wait for the end of the handshake`() {
        let handshake: [RedisCommand] = [["AUTH", "secret"], ["SELECT", 3], ["PING"]]
        var session = RedisSession<Int>(handshake: handshake)
        #expect(session.send(1) == .wait)
        #expect(session.connected() == handshake)
        #expect(session.send(2) == .wait)
        #expect(session.oldestQueued == 1)
        guard case .none = session.received(.status("OK")) else { return Self.fail() }
        guard case .none = session.received(.status("OK")) else { return Self.fail() }
        #expect(!session.isReady)
        guard case .write([1, 2]) = session.received(.status("PONG")) else { return Self.fail() }
        #expect(session.isReady)
        guard case .reply(1, .null) = session.received(.null) else { return Self.fail() }
        guard case .reply(2, .null) = session.received(.null) else { return Self.fail() }
    }

    @Test func `A rejected handshake closes the connection`() {
        var session = RedisSession<Int>(handshake: [["AUTH", "wrong"], ["PING"]])
        _ = session.send(1)
        _ = session.connected()
        guard case .close(let error) = session.received(.error("WRONGPASS no")) else { return Self.fail() }
        #expect(error == .refused("WRONGPASS no"))
        let (sent, unsent) = session.closed()
        #expect(sent.isEmpty)
        #expect(unsent == [1])
    }

    @Test func `The end separates sent from unsent commands`() {
        var session = RedisSession<Int>(handshake: Self.ping)
        _ = session.send(1)
        _ = session.connected()
        _ = session.received(.status("PONG"))
        _ = session.send(2)
        _ = session.received(.null)
        let (sent, unsent) = session.closed()
        #expect(sent == [2])
        #expect(unsent.isEmpty)
        #expect(session.send(3) == .closed)
        #expect(session.connected() == nil)
    }

    @Test func `Queued commands can be removed`() {
        var session = RedisSession<Int>(handshake: Self.ping)
        _ = session.send(1)
        _ = session.send(2)
        #expect(session.removeOldestQueued() == 1)
        #expect(session.oldestQueued == 2)
        #expect(session.closed().unsent == [2])
    }

    @Test func `An unexpected reply closes the connection`() {
        var session = Self.ready()
        guard case .close(.unexpectedReply) = session.received(.null) else { return Self.fail() }
    }

    @Test func `A subscriber receives messages between replies`() {
        let message: RESPValue = .array(["message", "changes", "hello"].map { .bytes(ByteBuffer(string: $0)) })
        var session = Self.ready(isSubscriber: true)
        #expect(session.send(1) == .write)
        guard case .message(.bytes(ByteBuffer(string: "hello"))) = session.received(message) else {
            return Self.fail()
        }
        guard case .reply(1, .array([])) = session.received(.array([])) else { return Self.fail() }
        var other = Self.ready()
        _ = other.send(1)
        guard case .reply(1, message) = other.received(message) else { return Self.fail() }
    }

    private static func fail(_ location: SourceLocation = #_sourceLocation) {
        Issue.record("unexpected action", sourceLocation: location)
    }
}
