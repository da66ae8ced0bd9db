package holdfast.testkit.broker;

import holdfast.core.Event;
import holdfast.core.Limits;
import holdfast.core.Outbox;
import holdfast.store.Engine;
import holdfast.store.LocalEngine;
import holdfast.store.StoreOptions;
import holdfast.testkit.CrashMode;
import holdfast.testkit.SimulatedCrash;
import holdfast.testkit.SimulatedDisk;
import java.io.IOException;
import java.util.SplittableRandom;

/// A real store and shard on a simulated disk, clients that ask for random things, the model beside
/// them, and the power that goes away. Everything comes from the seed.
final class BrokerHarness {
  /// Bugs that the model must notice, planted between the broker and its clients, or in the disk.
  enum Plant {
    NOTHING,
    /// A disk that says that it has written and has not.
    LYING_DISK,
    /// Publishes are confirmed when they are taken.
    EARLY_CONFIRM,
    /// No delivery says that it may have been one before.
    NO_REDELIVERED_FLAG,
    /// Now and then a delivery comes twice.
    DOUBLE_DELIVERY,
    /// Now and then a delivery is swallowed, as if it had been settled.
    SWALLOWED_DELIVERY
  }

  final SplittableRandom dice;
  final Plant plant;
  final BrokerModel model = new BrokerModel();
  SimulatedDisk disk;
  ShardDriver driver;
  BrokerSteps steps;
  long crashes;
  long restarts;
  private int delivered;

  BrokerHarness(long seed, Plant plant) {
    this.dice = new SplittableRandom(seed);
    this.plant = plant;
    this.disk = new SimulatedDisk(dice.nextLong());
    disk.faults().ignoreForces(plant == Plant.LYING_DISK);
  }

  /// One client's end of the line: the model hears everything, bugs included.
  final class Line implements Outbox {
    boolean reads = true;

    @Override
    public void add(Event event) {
      if (event instanceof Event.Delivered d) {
        if (plant == Plant.NO_REDELIVERED_FLAG) {
          model.event(
              new Event.Delivered(
                  d.session(), d.consumerTag(), d.deliveryTag(), false, d.message(), d.extra()));
          return;
        }
        boolean now = ++delivered % 10 == 0;
        if (plant == Plant.DOUBLE_DELIVERY && now) {
          model.event(event);
        } else if (plant == Plant.SWALLOWED_DELIVERY && now) {
          return;
        }
      }
      model.event(event);
    }

    @Override
    public boolean hasRoom() {
      return reads;
    }
  }

  /// Lives that end with a stop in order or with a crash in any operation of the disk.
  void lives(int count, int stepsOfALife) throws IOException {
    begin();
    for (int life = 0; life < count; life++) {
      disk.crashAt(disk.operations() + 1 + dice.nextInt(dice.nextInt(4) == 0 ? 12 : 150));
      boolean crashed = work(1 + dice.nextInt(stepsOfALife));
      if (!crashed) {
        disk.crashAt(Long.MAX_VALUE);
        if (dice.nextBoolean()) {
          driver.finish();
          model.requireSameCounts();
        }
      }
      end(!crashed && dice.nextInt(6) == 0);
      begin();
    }
  }

  private boolean work(int count) {
    try {
      for (int i = 0; i < count; i++) {
        steps.any();
      }
      return false;
    } catch (SimulatedCrash crash) {
      return true;
    }
  }

  private void begin() throws IOException {
    begin(new LocalEngine(disk, StoreOptions.tiny()));
  }

  /// A life on any engine.
  void begin(Engine engine) throws IOException {
    driver = new ShardDriver(engine, limits());
    model.begins(driver);
    steps = new BrokerSteps(this);
  }

  /// In most lives there is little memory for what is on disk, or none, and it is read in pieces.
  private Limits limits() {
    int roll = dice.nextInt(4);
    return roll == 0
        ? ShardDriver.LIMITS
        : ShardDriver.limits(
            1_000_000_000, roll == 1 ? 0 : dice.nextInt(20_000), ShardDriver.PAGING_TINY);
  }

  /// What comes back is looked at on copies; the disk itself goes into the next life.
  private void end(boolean inOrder) throws IOException {
    if (inOrder) {
      restarts++;
      driver.run();
      driver.store.close();
      model.stopped();
      disk = disk.copy();
    } else {
      crashes++;
      disk = disk.crash(anyMode());
    }
    BrokerLook found = BrokerLook.at(disk.copy(), BrokerSteps.EXCHANGES);
    BrokerLook later = BrokerLook.behindACheckpoint(disk.copy(), BrokerSteps.EXCHANGES);
    BrokerModel.require(
        found.text().equals(later.text()),
        "behind a checkpoint there is\n" + later.text() + "\nand without it\n" + found.text());
    model.recovered(found);
  }

  private CrashMode anyMode() {
    int roll = dice.nextInt(10);
    return roll == 0
        ? CrashMode.EVERYTHING
        : roll < 4 ? CrashMode.NOTHING_UNFORCED : CrashMode.ANY_SUBSET;
  }
}
