package live

import "cartline/shared"

// take takes what has come. An error says that the connection is of no use.
func (c *Client) take(data []byte) error {
	message, err := shared.ParseMessage(data)
	if err != nil {
		message = shared.Message{}
	}
	if message.Kind != shared.KindBatch {
		return c.takeOne(message, data)
	}
	texts, err := message.Batch()
	if err != nil || texts == nil {
		return c.takeOne(shared.Message{}, data)
	}
	for _, text := range texts {
		message, err := shared.ParseMessage(text)
		if err != nil || message.Kind == shared.KindBatch {
			message = shared.Message{}
		}
		if err := c.takeOne(message, text); err != nil {
			return err
		}
	}
	return nil
}

// takeOne takes one message, with its text.
func (c *Client) takeOne(message shared.Message, text []byte) error {
	news := c.note(message)
	if news.own || news.repeated {
		return nil
	}
	c.config.OnMessage(message, string(text))
	if news.fresh != "" {
		c.config.OnFresh(news.fresh)
	}
	return news.failed
}
