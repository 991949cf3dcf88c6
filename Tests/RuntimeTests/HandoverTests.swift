import Testing

@testable import Runtime

/// What passes between two threads.
@Suite struct HandoverTests {
    @Test func whatWasPutBeforeTheCloseIsTakenAndThenTheEnd() {
        let mailbox = Mailbox<Int>()
        #expect(mailbox.takeAll(timeout: 0) == [])
        mailbox.put(1)
        mailbox.put(2)
        mailbox.close()
        #expect(mailbox.takeAll(timeout: 10) == [1, 2])
        #expect(mailbox.takeAll(timeout: 10) == nil)
    }

    @Test func aLatchStaysOpenAndKeepsItsFirstTime() {
        let latch = Latch()
        #expect(!latch.wait(timeout: 0) && !latch.isReached)
        latch.reach()
        latch.reach()
        #expect(latch.wait(timeout: 0) && latch.isReached)
        #expect(!latch.isReached(since: .seconds(3600)))
    }
}
