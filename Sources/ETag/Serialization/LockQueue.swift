/// The waiters of a lock, in the order of arrival.
///
/// Every operation takes amortized constant time, because clients determine how many waiters there are and how many
/// leave early.
struct LockQueue<Waiter> {
    private var waiters: [Int: Waiter] = [:]
    /// The numbers of the waiters in their order, including those of waiters that have left.
    private var order: [Int] = []
    /// The index of the first number that has not been removed yet.
    private var first = 0

    /// The number of waiters.
    var count: Int { waiters.count }

    /// Adds a waiter with a unique number.
    mutating func append(_ waiter: Waiter, number: Int) {
        waiters[number] = waiter
        order.append(number)
    }

    /// Removes and returns a waiter that no longer waits.
    mutating func remove(_ number: Int) -> Waiter? {
        defer { tidy() }
        return waiters.removeValue(forKey: number)
    }

    /// Removes and returns the first waiter.
    mutating func popFirst() -> Waiter? {
        defer { tidy() }
        while first < order.count {
            first += 1
            if let waiter = waiters.removeValue(forKey: order[first - 1]) { return waiter }
        }
        return nil
    }

    /// Removes the numbers of waiters that have left, once they are the majority.
    private mutating func tidy() {
        guard order.count > 32 + 2 * waiters.count else { return }
        order = order[first...].filter { waiters[$0] != nil }
        first = 0
    }
}
