import NIOCore
import Testing

@testable import RedisStore

@Suite struct RedisSessionTests {
    static let get: RedisCommand = ["GET", "key"]

    @Test func `Replies go to those who asked, in their order`() {
        var session = RedisSession<Int>(greeting: [], limit: 10)
        guard case .write(let commands) = session.connected() else {
            Issue.record("there is no greeting")
            return
        }
        #expect(commands.isEmpty)
        for token in 0..<3 {
            guard case .write = session.send(Self.get, for: token) else {
                Issue.record("it is written at once")
                return
            }
        }
        for token in 0..<3 {
            guard case .reply(token, .integer(Int64(token))) = session.received(.integer(Int64(token))) else {
                Issue.record("reply \(token) goes to \(token)")
                return
            }
        }
        #expect(!session.isAwaiting)
    }

    @Test func `What comes before the greeting is over waits for it`() {
        var session = RedisSession<Int>(greeting: [["AUTH", "secret"], ["SELECT", 3]], limit: 10)
        guard case .wait = session.send(Self.get, for: 1) else { return Self.fail() }
        guard case .greet(let greeting) = session.connected() else { return Self.fail() }
        #expect(greeting == session.greeting)
        guard case .wait = session.send(Self.get, for: 2) else { return Self.fail() }
        guard case .none = session.received(.status("OK")) else { return Self.fail() }
        guard case .write(let commands) = session.received(.status("OK")) else { return Self.fail() }
        #expect(commands == [Self.get, Self.get])
        guard case .reply(1, .null) = session.received(.null) else { return Self.fail() }
        guard case .reply(2, .null) = session.received(.null) else { return Self.fail() }
    }

    @Test func `A refused greeting ends the connection, and nothing was sent`() {
        var session = RedisSession<Int>(greeting: [["AUTH", "wrong"]], limit: 10)
        _ = session.send(Self.get, for: 1)
        _ = session.connected()
        guard case .close(let error) = session.received(.error("WRONGPASS no")) else { return Self.fail() }
        #expect(error == .refused("WRONGPASS no"))
        let (sent, unsent) = session.closed()
        #expect(sent.isEmpty)
        #expect(unsent.map(\.token) == [1])
    }

    @Test func `The end tells what was sent from what was not`() {
        var session = RedisSession<Int>(greeting: [], limit: 10)
        _ = session.connected()
        _ = session.send(Self.get, for: 1)
        _ = session.send(Self.get, for: 2)
        _ = session.received(.null)
        #expect(session.closed().sent == [2])
        guard case .closed = session.send(Self.get, for: 3) else { return Self.fail() }
        guard case .close = session.connected() else { return Self.fail() }
    }

    @Test func `More than the limit is refused`() {
        var session = RedisSession<Int>(greeting: [], limit: 2)
        _ = session.send(Self.get, for: 1)
        _ = session.connected()
        _ = session.send(Self.get, for: 2)
        guard case .refuse = session.send(Self.get, for: 3) else { return Self.fail() }
        _ = session.received(.null)
        guard case .write = session.send(Self.get, for: 3) else { return Self.fail() }
    }

    @Test func `A reply that nobody asked for ends the connection`() {
        var session = RedisSession<Int>(greeting: [], limit: 2)
        _ = session.connected()
        guard case .close(.unexpectedReply) = session.received(.null) else { return Self.fail() }
    }

    private static func fail(_ location: SourceLocation = #_sourceLocation) {
        Issue.record("another action was expected", sourceLocation: location)
    }
}
