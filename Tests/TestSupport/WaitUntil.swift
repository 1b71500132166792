/// Lets other tasks run until a condition holds.
///
/// - Parameter condition: The condition.
/// - Throws: The error of the condition, or `CancellationError` when the test's time limit is exceeded.
public func waitUntil(_ condition: () async throws -> Bool) async throws {
    while try await !condition() {
        try Task.checkCancellation()
        await Task.yield()
    }
}

/// Polls until a condition outside the process holds.
///
/// - Parameter condition: The condition.
/// - Throws: The error of the condition, or `CancellationError` when the test's time limit is exceeded.
public func eventually(_ condition: () async throws -> Bool) async throws {
    while !(try await condition()) { try await Task.sleep(for: .milliseconds(5)) }
}
