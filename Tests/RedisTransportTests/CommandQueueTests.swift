import NIOCore
import Testing

@testable import RedisTransport

@Suite struct CommandQueueTests {
    /// Runs a test with a command and resumes its continuation afterwards.
    static func withCommand(_ body: (PendingCommand) -> Void) async throws {
        _ = try await withUnsafeThrowingContinuation { continuation in
            let command = PendingCommand(command: ["PING"], isIdempotent: true, continuation: continuation)
            body(command)
            command.complete(with: .null)
        }
    }

    @Test func `Commands beyond the limit are rejected until others complete`() async throws {
        try await Self.withCommand { command in
            let queue = CommandQueue(limit: 3)
            #expect(queue.append(command) == .enqueuedFirst)
            #expect(queue.append(command) == .enqueued)
            var commands: [PendingCommand] = []
            queue.dequeueAll(into: &commands)
            #expect(commands.count == 2)
            #expect(queue.append(command) == .enqueuedFirst, "the event loop must be woken up again")
            #expect(queue.append(command) == .rejected(.queueFull), "sent commands count")
            queue.completed(1)
            #expect(queue.append(command) == .enqueued)
            #expect(queue.queuedCount == 2)
        }
    }

    @Test func `A shutdown is final, other refusals are not`() async throws {
        try await Self.withCommand { command in
            let queue = CommandQueue(limit: 3)
            queue.refuse(with: .timedOut)
            #expect(queue.append(command) == .rejected(.timedOut))
            queue.refuse(with: nil)
            #expect(queue.append(command) == .enqueuedFirst)
            queue.refuse(with: .shutDown)
            queue.refuse(with: nil)
            #expect(queue.append(command) == .rejected(.shutDown))
        }
    }
}
