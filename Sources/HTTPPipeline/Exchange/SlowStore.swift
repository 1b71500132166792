/// A store that has taken much of the time that a request waits for stores.
package protocol SlowStore: AnyObject, Sendable {
    /// Takes note that the request had too little time left for another operation.
    func usedUpTime()
}
