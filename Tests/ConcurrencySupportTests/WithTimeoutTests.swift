import PipelineTesting
import Testing

@testable import ConcurrencySupport

@Suite(.timeLimit(.minutes(1)))
struct WithTimeoutTests {
    private struct TimeoutError: Error {}
    private struct OperationError: Error {}

    @Test func `The result of the operation is returned`() async throws {
        let value = try await withTimeout(.seconds(1), clock: ManualClock(), throwing: TimeoutError()) { 5 }
        #expect(value == 5)
    }

    @Test func `An error of the operation is rethrown`() async {
        await #expect(throws: OperationError.self) {
            try await withTimeout(.seconds(1), clock: ManualClock(), throwing: TimeoutError()) {
                throw OperationError()
            }
        }
    }

    @Test func `A timeout throws and cancels the operation`() async throws {
        let clock = ManualClock()
        let (cancellations, continuation) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await withTimeout(.seconds(1), clock: clock, throwing: TimeoutError()) {
                await withTaskCancellationHandler {
                    var iterator = AsyncStream<Void> { _ in }.makeAsyncIterator()
                    await iterator.next()
                } onCancel: {
                    continuation.finish()
                }
            }
        }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(1))
        await #expect(throws: TimeoutError.self) { try await task.value }
        for await _ in cancellations {}
    }

    @Test func `A cancellation does not wait for the operation`() async {
        let clock = ManualClock()
        let gate = Gate()
        let task = Task {
            try await withTimeout(.seconds(1), clock: clock, throwing: TimeoutError()) {
                // An unstructured task ignores the cancellation.
                await Task { try? await gate.pass() }.value
            }
        }
        await clock.waitForSleepers(1)
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        while clock.sleeperCount > 0 { await Task.yield() }
        gate.open()
    }
}
