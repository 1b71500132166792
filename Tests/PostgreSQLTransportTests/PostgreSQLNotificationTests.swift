#if PostgreSQL
import TestSupport
import Testing

@testable import PostgreSQLTransport

@Suite(.enabled(if: PostgreSQLServer.isInstalled, PostgreSQLServer.skipReason), .timeLimit(.minutes(5)))
struct PostgreSQLNotificationTests {
    private static func notify(_ channel: String, _ payload: String, _ client: PostgreSQLClient) async throws {
        _ = try await client.execute("SELECT pg_notify($1, $2)", [.text(channel), .text(payload)])
    }

    @Test func `Each consumer receives its channel's notifications`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client()
            let name = "odd \"Name\""
            var first = client.notifications(on: name).makeAsyncIterator()
            #expect(try await first.next() == .some(nil))
            var second = client.notifications(on: name).makeAsyncIterator()
            var other = client.notifications(on: "other").makeAsyncIterator()
            #expect(try await second.next() == .some(nil))
            #expect(try await other.next() == .some(nil))
            try await Self.notify(name, "one", client)
            try await Self.notify("other", "two", client)
            #expect(try await first.next() == "one")
            #expect(try await second.next() == "one")
            #expect(try await other.next() == "two")
            await client.shutDown()
            #expect(try await first.next() == nil)
            var late = client.notifications(on: name).makeAsyncIterator()
            #expect(try await late.next() == nil)
        }
    }

    @Test func `A slow consumer learns that notifications were lost`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.notificationLimit = 2 }
            let slow = client.notifications(on: "a")
            var fast = client.notifications(on: "end").makeAsyncIterator()
            #expect(try await fast.next() == .some(nil))
            for number in 0..<5 { try await Self.notify("a", "\(number)", client) }
            try await Self.notify("end", "end", client)
            #expect(try await fast.next() == "end")
            var received: [String?] = []
            var iterator = slow.makeAsyncIterator()
            for _ in 0..<2 { received.append(try await iterator.next() ?? "ended") }
            #expect(received.contains(nil))
        }
    }

    @Test func `The connection closes when no consumer is left`() async throws {
        try await PostgreSQLFixture.with { fixture in
            let client = try fixture.client { $0.listenerCheckInterval = .milliseconds(20) }
            for _ in 0..<2 {
                let task = Task {
                    for await _ in client.notifications(on: "left") {}
                }
                let listening = """
                    SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """
                try await eventually { try await client.execute(listening).integer(0, 0) == 1 }
                task.cancel()
                try await eventually { try await client.execute(listening).integer(0, 0) == 0 }
            }
        }
    }

    @Test(arguments: [true, false]) func `Listening survives a restart or a pause`(isRestart: Bool) async throws {
        try await PostgreSQLFixture.withOwnServer { fixture in
            let client = try fixture.client {
                $0.listenerCheckInterval = .milliseconds(200)
                $0.connectTimeout = .milliseconds(500)
            }
            var notifications = client.notifications(on: "a").makeAsyncIterator()
            #expect(try await notifications.next() == .some(nil))
            if isRestart {
                try await fixture.server.kill()
                try await fixture.server.launch()
            } else {
                fixture.server.pause()
                // The listening connection notices the pause by itself, and closes.
                try await eventually { client.listener.isListening == false }
                fixture.server.resume()
            }
            #expect(try await notifications.next() == .some(nil))
            try await eventually {
                (try? await Self.notify("a", "back", client)) != nil
            }
            var next = try await notifications.next()
            // Another reconnect while the machine is busy.
            while next == .some(nil) { next = try await notifications.next() }
            #expect(next == "back")
        }
    }
}
#endif
