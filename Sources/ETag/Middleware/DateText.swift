import HTTPSemantics
import Synchronization

/// The text of the last date that was written: the responses of a resource have the same one until the next write.
final class DateText: Sendable {
    private let last = Mutex<(date: HTTPDate, text: String)?>(nil)

    func text(of date: HTTPDate) -> String {
        if let text = last.withLock({ $0?.date == date ? $0?.text : nil }) { return text }
        let text = date.description
        last.withLock { $0 = (date, text) }
        return text
    }
}
