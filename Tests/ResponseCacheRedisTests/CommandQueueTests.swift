import NIOCore
import Testing

@testable import ResponseCacheRedis

@Suite struct CommandQueueTests {
    /// Runs a test with commands, which nobody else resumes.
    static func withCommand(_ body: (PendingCommand) -> Void) async throws {
        _ = try await withUnsafeThrowingContinuation { continuation in
            let command = PendingCommand(command: ["PING"], isRepeatable: true, continuation: continuation)
            body(command)
            command.complete(with: .null)
        }
    }

    @Test func `More than the limit is refused until there are replies`() async throws {
        try await Self.withCommand { command in
            let queue = CommandQueue(limit: 3)
            #expect(queue.append(command) == .takenFirst)
            #expect(queue.append(command) == .taken)
            var commands: [PendingCommand] = []
            queue.take(into: &commands)
            #expect(commands.count == 2)
            #expect(queue.append(command) == .takenFirst, "the event loop has to be woken up again")
            #expect(queue.append(command) == .refused(.queueFull), "those that were sent count")
            queue.finished(1)
            #expect(queue.append(command) == .taken)
            #expect(queue.waitingCount == 2)
        }
    }

    @Test func `What is refused is refused at once, and a shutdown is for good`() async throws {
        try await Self.withCommand { command in
            let queue = CommandQueue(limit: 3)
            queue.refuse(with: .timedOut)
            #expect(queue.append(command) == .refused(.timedOut))
            queue.refuse(with: nil)
            #expect(queue.append(command) == .takenFirst)
            queue.refuse(with: .shutDown)
            queue.refuse(with: nil)
            #expect(queue.append(command) == .refused(.shutDown))
        }
    }
}
