package redis

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"cartline/server/identity"
)

// The keys. What a process dies in the middle of is one script, so it happens or doesn't.
const (
	sessionKey  = "cartline:shopper:"       // and the hash: a session
	customerKey = "cartline:customer:"      // and an account's ID: the hashes of its sessions
	endedKey    = "cartline:ended"          // hashes of the sessions that ended, by number
	headKey     = "cartline:ended:head"     // the number of the last of them
	endedNews   = "cartline:ended:announce" // channel on which that is said
)

// keptEnds is how many ends are remembered. A process that misses more looks up each.
const keptEnds = 100_000

// firstStay is how long the key of a guest's session stays until the cookie comes back. A
// swarm of bots that take no cookies leaves behind what it began in that time, and not in
// ninety days; a browser that shows the cart has asked for it before it is drawn.
const firstStay = time.Hour

// Shoppers keeps the sessions of shoppers. A session's key goes when it expires, and that of
// a guest who never came back sooner. It implements identity.ShopperStore, but that it doesn't know which accounts there are.
type Shoppers struct{ client *redis.Client }

var _ identity.ShopperStore = (*Shoppers)(nil)

// OpenShoppers makes a Shoppers, which connects when it is first used.
func OpenShoppers(address string) (*Shoppers, error) {
	client, err := dial(address)
	if err != nil {
		return nil, err
	}
	return &Shoppers{client}, nil
}

// Close closes the connections.
func (s *Shoppers) Close() error { return s.client.Close() }

// Ping tells whether Redis answers.
func (s *Shoppers) Ping(ctx context.Context) error { return failed(s.client.Ping(ctx).Err()) }

// session is one as it is stored.
type session struct {
	Shopper  string    `json:"shopper"`
	Customer string    `json:"customer,omitempty"`
	Created  time.Time `json:"created"`
	Expires  time.Time `json:"expires"`
}

// end is the part of a script that ends a session, and notes it for other processes.
const end = `
local function finish(key, hash)
	local value = redis.call('GET', key)
	if not value then return end
	redis.call('DEL', key)
	local customer = cjson.decode(value).customer
	if customer then redis.call('SREM', '` + customerKey + `' .. customer, hash) end
	local number = redis.call('INCR', '` + headKey + `')
	redis.call('ZADD', '` + endedKey + `', number, hash)
	redis.call('ZREMRANGEBYRANK', '` + endedKey + `', 0, -1 - ARGV[1])
	redis.call('PUBLISH', '` + endedNews + `', number)
end
`

var beginScript = redis.NewScript(end + `
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if KEYS[3] ~= '' then
	redis.call('SADD', KEYS[3], ARGV[4])
	redis.call('PEXPIRE', KEYS[3], ARGV[3])
end
if ARGV[5] ~= '' then finish(KEYS[2], ARGV[5]) end
return 1
`)

var endScript = redis.NewScript(end + `
finish(KEYS[1], ARGV[2])
return 1
`)

func keyOf(hash []byte) string { return sessionKey + hex.EncodeToString(hash) }

// AddShopper implements identity.ShopperStore. The time that is left goes by this
// machine's clock, so that that of Redis may differ.
func (s *Shoppers) AddShopper(ctx context.Context, shopper identity.Shopper, replaces []byte) error {
	value, err := json.Marshal(session{shopper.ID, shopper.Customer, shopper.CreatedAt, shopper.ExpiresAt})
	if err != nil {
		return err
	}
	customer := ""
	if shopper.Customer != "" {
		customer = customerKey + shopper.Customer
	}
	left := time.Until(shopper.ExpiresAt)
	if shopper.Customer == "" {
		left = min(left, firstStay)
	}
	return failed(beginScript.Run(ctx, s.client, []string{keyOf(shopper.Hash), keyOf(replaces), customer},
		keptEnds, value, max(1, left.Milliseconds()), shopper.Hash, replaces).Err())
}

// Shopper implements identity.ShopperStore.
func (s *Shoppers) Shopper(ctx context.Context, hash []byte) (identity.Shopper, error) {
	key := keyOf(hash)
	var value *redis.StringCmd
	var stays *redis.DurationCmd
	_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		value, stays = p.Get(ctx, key), p.PTTL(ctx, key)
		return nil
	})
	if err := failed(err); err != nil {
		return identity.Shopper{}, err
	}
	if value.Err() != nil { // there is none
		return identity.Shopper{}, identity.ErrNotFound
	}
	shopper, err := decode(hash, []byte(value.Val()))
	if err != nil {
		return identity.Shopper{}, err
	}
	// Who has asked before it is over stays for as long as the session.
	if left := time.Until(shopper.ExpiresAt); stays.Val() <= firstStay && left > firstStay {
		return shopper, failed(s.client.PExpire(ctx, key, left).Err())
	}
	return shopper, nil
}

func decode(hash, value []byte) (identity.Shopper, error) {
	var kept session
	if err := json.Unmarshal(value, &kept); err != nil {
		return identity.Shopper{}, fmt.Errorf("redis: a shopper's session can't be read: %w", err)
	}
	return identity.Shopper{Hash: hash, ID: kept.Shopper, Customer: kept.Customer, CreatedAt: kept.Created, ExpiresAt: kept.Expires}, nil
}

// ShoppersOf implements identity.ShopperStore.
func (s *Shoppers) ShoppersOf(ctx context.Context, customer string) ([]identity.Shopper, error) {
	if customer == "" {
		return nil, nil
	}
	hashes, err := s.client.SMembers(ctx, customerKey+customer).Result()
	if err := failed(err); err != nil {
		return nil, err
	}
	if len(hashes) == 0 {
		return nil, nil
	}
	keys := make([]string, len(hashes))
	for i, hash := range hashes {
		keys[i] = keyOf([]byte(hash))
	}
	values, err := s.client.MGet(ctx, keys...).Result()
	if err := failed(err); err != nil {
		return nil, err
	}
	var shoppers []identity.Shopper
	var gone []any
	for i, value := range values {
		text, there := value.(string)
		if !there {
			gone = append(gone, hashes[i])
			continue
		}
		shopper, err := decode([]byte(hashes[i]), []byte(text))
		if err != nil {
			return nil, err
		}
		shoppers = append(shoppers, shopper)
	}
	if len(gone) > 0 {
		if err := failed(s.client.SRem(ctx, customerKey+customer, gone...).Err()); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(shoppers, func(a, b identity.Shopper) int {
		if c := a.CreatedAt.Compare(b.CreatedAt); c != 0 {
			return c
		}
		return bytes.Compare(a.Hash, b.Hash)
	})
	return shoppers, nil
}

// EndShopper implements identity.ShopperStore.
func (s *Shoppers) EndShopper(ctx context.Context, hash []byte) error {
	return failed(endScript.Run(ctx, s.client, []string{keyOf(hash)}, keptEnds, hash).Err())
}

// EndShoppersOf ends the sessions of a customer.
func (s *Shoppers) EndShoppersOf(ctx context.Context, customer string) error {
	shoppers, err := s.ShoppersOf(ctx, customer)
	for _, shopper := range shoppers {
		if err := s.EndShopper(ctx, shopper.Hash); err != nil {
			return err
		}
	}
	return err
}

// EndedHead returns the number of the session that was the last to end, or 0.
func (s *Shoppers) EndedHead(ctx context.Context) (int64, error) {
	head, err := s.client.Get(ctx, headKey).Int64()
	return head, failed(err)
}

// EndedShoppers returns the hashes of up to `limit` sessions that ended after the one with
// a number, by whatever process, and the number of the last of them or, if there is none,
// of the last of all. That is less than what was asked for if Redis has lost what it had.
func (s *Shoppers) EndedShoppers(ctx context.Context, after int64, limit int) (hashes [][]byte, last int64, err error) {
	var ended *redis.ZSliceCmd
	var head *redis.StringCmd
	_, err = s.client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		ended = p.ZRangeByScoreWithScores(ctx, endedKey, &redis.ZRangeBy{Min: fmt.Sprintf("(%d", after), Max: "+inf", Count: int64(limit)})
		head = p.Get(ctx, headKey)
		return nil
	})
	if err := failed(err); err != nil {
		return nil, 0, err
	}
	for _, one := range ended.Val() {
		hash, _ := one.Member.(string)
		hashes = append(hashes, []byte(hash))
		last = int64(one.Score)
	}
	if len(hashes) > 0 {
		return hashes, last, nil
	}
	last, err = head.Int64()
	return nil, last, failed(err)
}
