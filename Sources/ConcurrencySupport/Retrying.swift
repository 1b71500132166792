/// The end of one round of retries.
package enum RetryRound: Sendable {
    case succeeded
    case failed
    /// Retrying makes no sense any more, for example after a shutdown.
    case stopped
}

/// Runs rounds of retries, with a pause before each, until none is left or the task is cancelled.
///
/// The pause is 500 milliseconds. After each round that fails it doubles, up to a limit.
///
/// - Parameters:
///   - longest: The limit of the pause.
///   - clock: The clock that measures the pauses.
///   - continues: Returns whether another round is necessary. It is called before each pause except the first.
///   - round: Retries everything that is left once.
package func retry(
    pausingUpTo longest: Duration, on clock: any Clock<Duration>, while continues: () -> Bool,
    _ round: () async -> RetryRound
) async {
    let shortest = min(.milliseconds(500), longest)
    var pause = shortest
    repeat {
        guard (try? await clock.sleep(for: pause)) != nil else { return }
        switch await round() {
        case .succeeded: pause = shortest
        case .failed: pause = min(pause * 2, longest)
        case .stopped: return
        }
    } while continues()
}
