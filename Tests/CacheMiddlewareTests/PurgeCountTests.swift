import CacheMiddleware
import Testing

@Suite struct PurgeCountTests {
    private final class Store {}

    @Test func `Every caller of one store gets the same count`() {
        let (store, other) = (Store(), Store())
        let count = PurgeCount.of(store)
        PurgeCount.of(store).add()
        PurgeCount.of(store).add()
        #expect(count.current == 2)
        #expect(PurgeCount.of(other).current == 0)
    }

    @Test func `A count that no caller holds is dropped`() {
        let store = Store()
        for _ in 0..<100 {
            let count = PurgeCount.of(store)
            #expect(count.current == 0)
            count.add()
        }
    }

    @Test func `Counts in use survive many others`() {
        let stores = (0..<1000).map { _ in Store() }
        let counts = stores.map(PurgeCount.of)
        for count in counts { count.add() }
        for _ in 0..<1000 { _ = PurgeCount.of(Store()) }
        for store in stores { #expect(PurgeCount.of(store).current == 1) }
    }
}
